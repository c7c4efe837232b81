#include "node/orders/placing_failures.hpp"

#include "base/json_text.hpp"

namespace kieng::orders {
namespace {

// {"a":1,"b":"c"} member by member, in a list that is a member itself.
class item_list {
public:
    void begin()
    {
        text_ += text_.back() == '[' ? "{" : ",{";
        first_ = true;
    }
    void add(std::string_view name, std::int64_t value)
    {
        put_name(name);
        append_number(text_, value);
    }
    void add(std::string_view name, const std::string& value)
    {
        put_name(name);
        append_text_or_null(text_, value);
    }
    void end() { text_ += '}'; }
    [[nodiscard]] std::string take() { return text_ + "]"; }

private:
    void put_name(std::string_view name)
    {
        if (!first_) text_ += ',';
        first_ = false;
        append_json_string(text_, name);
        text_ += ':';
    }

    std::string text_ = "\"items\":[";
    bool first_ = true;
};

}  // namespace

failure price_changed(const std::vector<changed_price>& items)
{
    failure out(errc::price_changed,
                {"Giá của " + std::to_string(items.size()) +
                     " mặt hàng đã thay đổi; đơn hàng chưa được ghi.",
                 std::to_string(items.size()) +
                     " of the items cost something else now; nothing was ordered."});
    item_list list;
    for (const auto& one : items) {
        list.begin();
        list.add("line", std::int64_t{one.line});
        list.add("productId", one.product_id);
        list.add("variantId", one.variant_id);
        list.add("name", one.name);
        list.add("expectedPrice", one.expected);
        list.add("currentPrice", one.current);
        list.add("priceVersion", one.version);
        list.add("currentPriceVersion", one.current_version);
        list.end();
    }
    out.members = list.take();
    return out;
}

failure insufficient_stock(const std::vector<short_line>& items)
{
    sentence why{"Không đủ hàng; đơn hàng chưa được ghi.",
                 "There is not enough in stock; nothing was ordered."};
    if (items.size() == 1) {
        const auto left = std::to_string(items.front().available);
        why = {items.front().name + ": chỉ còn " + left + "; đơn hàng chưa được ghi.",
               items.front().name + ": only " + left + " left; nothing was ordered."};
    }
    failure out(errc::insufficient_stock, std::move(why));
    item_list list;
    for (const auto& one : items) {
        list.begin();
        list.add("productId", one.product_id);
        list.add("variantId", one.variant_id);
        list.add("sku", one.sku);
        list.add("name", one.name);
        list.add("requested", one.wanted);
        list.add("available", one.available);
        list.end();
    }
    out.members = list.take();
    return out;
}

failure product_unavailable(const std::vector<missing_line>& items)
{
    failure out(errc::product_unavailable,
                {"Có mặt hàng không tồn tại hoặc đã ngừng bán; đơn hàng chưa được ghi.",
                 "Some items do not exist or are not for sale; nothing was ordered."});
    item_list list;
    for (const auto& one : items) {
        list.begin();
        list.add("line", std::int64_t{one.line});
        list.add("productId", one.product_id);
        list.add("variantId", one.variant_id);
        list.end();
    }
    out.members = list.take();
    return out;
}

failure invalid_transition(status from, status to)
{
    const std::string is(name_of(from)), would(name_of(to));
    failure out(errc::invalid_transition,
                {"Đơn hàng đang ở trạng thái " + is + ", không thể chuyển sang " + would + ".",
                 "The order is " + is + "; from there it cannot become " + would + "."});
    std::vector<std::string_view> allowed;
    for (const status next : next_of(from)) allowed.push_back(name_of(next));
    out.members = "\"from\":" + json_string(is) + ",\"to\":" + json_string(would) + ",\"allowed\":";
    append_texts(out.members, allowed);
    return out;
}

failure other_version(std::int64_t current)
{
    failure out(errc::version_conflict);
    out.members = "\"currentVersion\":" + std::to_string(current) + ",\"conflicts\":[]";
    return out;
}

}  // namespace kieng::orders
