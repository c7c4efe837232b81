// The use cases of products. What other capabilities may call. Thread safe; calls come from coroutines on an io_context.
#pragma once

#include "node/catalog/product_editor.hpp"
#include "node/catalog/product_list_store.hpp"
#include "node/catalog/product_query.hpp"
#include "node/catalog/product_store.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/read_batcher.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <optional>
#include <string>

namespace kieng::catalog {

class product_service {
public:
    product_service(store::database& reads, store::unit_of_work& work,
                    const product_editor& editor);

    // Reads. Each says which position it shows. Errors: database_unavailable, overloaded.
    using maybe_product = store::seen<std::optional<product>>;
    task<result<maybe_product>> find(std::string id);

    struct by_slug {
        std::optional<product> what;
        std::string present_slug;  // differs from the one asked for when that is an old one
    };
    task<result<store::seen<by_slug>>> find_by_slug(std::string slug);

    struct by_code {
        std::optional<product> what;
        std::string variant_id;
        bool by_barcode = false;
    };
    // A barcode is looked for before a SKU.
    task<result<store::seen<by_code>>> find_by_code(std::string code);

    task<result<store::seen<page<product_summary>>>> list(product_query query);
    // The same page as it goes out; pages without filters that are asked for at once share statements.
    task<result<store::seen<product_list_store::written_page>>> written_list(product_query query);
    task<result<store::seen<page<std::string>>>> labels(product_list_store::label_query query);
    // Behind (price_version, seq). Errors also: not_found.
    task<result<store::seen<std::vector<product_store::price_change>>>> price_changes(
        std::string id, std::int64_t before_version, std::int64_t before_seq, int limit);
    // The present version first. Errors also: not_found.
    task<result<store::seen<std::vector<product_store::kept_version>>>> versions(
        std::string id, std::int64_t before, int limit);

    // Categories that a change names and that are not there: faults to add to those of its other fields.
    task<result<std::vector<field_fault>>> unknown_categories(product_change what);

    // Writes: through the unit of work. Errors: those of product_editor and of unit_of_work::run.
    task<result<store::written>> create(identity::actor who, store::write_key key,
                                        product_change wanted);
    task<result<store::written>> edit(identity::actor who, store::write_key key, std::string id,
                                      product_change wanted);
    task<result<store::written>> remove(identity::actor who, store::write_key key, std::string id,
                                        std::optional<std::int64_t> version);

    // Makes goods public whose publishedAt has come; how many. For a sweep, each second on any number of nodes. Errors: those of reads and
    // of unit_of_work::run.
    static constexpr int kPublishBatch = 100;
    task<result<int>> publish_due();

private:
    store::database& reads_;
    store::unit_of_work& work_;
    const product_editor& editor_;
    store::read_batcher<std::string, product> by_id_;
    store::read_batcher<product_query, product_list_store::written_page> pages_;
};

}  // namespace kieng::catalog
