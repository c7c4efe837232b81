#include "node/platform/http/exchange.hpp"

namespace kieng::http {

void exchange::clear()
{
    method_text = path = query = trace = allow_origin = if_none_match = {};
    method.reset();
    to = {};
    body = {};
    minor = 1;
    keep_alive = expects_continue = secure = gzip = cached = limited_by_address = limited_by_user =
        false;
    id.clear();
    address.clear();
    who = nullptr;
    signed_in.reset();
    peer.reset();
    token_fault.reset();
    seen_pos = 0;
    allow_stale.reset();
    key.reset();
    status = 0;
    bytes = 0;
}

void exchange::keep()
{
    std::string_view* const views[] = {&method_text, &path,         &query,
                                       &trace,       &allow_origin, &if_none_match};
    std::size_t total = key ? key->size() : 0;
    for (const auto* view : views) total += view->size();
    kept.clear();
    kept.reserve(total);  // no reallocation below: the views point into it
    const auto copy = [this](std::string_view& view) {
        const auto at = kept.size();
        kept += view;
        view = std::string_view(kept).substr(at);
    };
    for (auto* view : views) copy(*view);
    if (key) copy(*key);
}

}  // namespace kieng::http
