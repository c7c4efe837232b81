// The use cases of stock documents: receipts and their siblings, and counts. Thread safe; calls come from coroutines on an io_context.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/catalog/product_query.hpp"
#include "node/identity/audit_service.hpp"
#include "node/inventory/stock_query.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::inventory {

// What a document service works with.
struct document_tools {
    const identity::audit_service& log;
    const clock& now;
    random& bits;
    std::string currency;  // what a document without one gets
};

class document_service {
public:
    document_service(store::database& reads, store::unit_of_work& work, document_tools with)
        : reads_(reads),
          work_(work),
          with_(std::move(with))
    {}

    // Errors: database_unavailable, overloaded.
    task<result<store::seen<std::optional<document>>>> find(std::string id);
    task<result<store::seen<catalog::page<document>>>> list(document_query query);

    // Writes the document and moves what it says, all of it or nothing; a count only opens.
    // Errors: validation_failed (unknown goods or location, a lot missing, not wanted or with another last day), insufficient_stock
    // (naming each line of which so much is not free), those of unit_of_work::run.
    task<result<store::written>> post(identity::actor who, store::write_key key, document wanted);

    // Counts goods, or counts them anew. Errors also: not_found, document_closed.
    task<result<store::written>> count(identity::actor who, store::write_key key, std::string id,
                                       std::vector<document_line> lines);
    // Moves the differences between what was counted and what the book said at that moment: sales go on meanwhile.
    // Errors also: not_found, document_closed, insufficient_stock (less was counted than is promised).
    task<result<store::written>> finish(identity::actor who, store::write_key key, std::string id);
    // Errors also: not_found, document_closed.
    task<result<store::written>> cancel(identity::actor who, store::write_key key, std::string id);

private:
    result<store::answer> post_in(store::tx& on, const identity::actor& who, document wanted) const;
    result<store::answer> count_in(store::tx& on, const identity::actor& who, const std::string& id,
                                   std::vector<document_line> lines) const;
    result<store::answer> close_in(store::tx& on, const identity::actor& who, const std::string& id,
                                   bool moves) const;
    // Moves a document's goods and announces it.
    result<void> move(store::tx& on, const identity::actor& who, const document& of) const;

    store::database& reads_;
    store::unit_of_work& work_;
    document_tools with_;
};

}  // namespace kieng::inventory
