#include "node/platform/http/guards.hpp"

#include "node/platform/http/characters.hpp"
#include "node/platform/http/head_parser.hpp"
#include "node/platform/http/negotiate.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace kieng::http {
namespace {

constexpr std::size_t kMinKey = 16;
constexpr std::size_t kMaxKey = 100;

std::optional<refusal> refuse(errc code, sentence why = {})
{
    return refusal{failure(code, std::move(why))};
}

std::optional<refusal> refuse_message(const parse_fault& fault)
{
    return refusal{failure(fault.code, fault.why), true};
}

// The time a client is content with; nothing for a text that is no number of seconds.
std::optional<std::chrono::seconds> read_seconds(std::string_view text)
{
    std::int32_t value = 0;
    const auto end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || at != end || value < 0) return std::nullopt;
    return std::chrono::seconds(value);
}

failure wrong_header(std::string_view name, fault_code code)
{
    std::vector<field_fault> faults;
    faults.push_back({"header:" + std::string(name), code, {}});
    return failure(errc::invalid_parameter, std::move(faults));
}

}  // namespace

void guards::identify(const head& h, const peer& from, exchange& x)
{
    x.method_text = h.method;
    x.minor = h.minor;
    x.keep_alive = wants_keep_alive(h) && !shared_.stopping.load(std::memory_order_relaxed);
    if (is_request_id(h.value(known::request_id))) {
        x.id = h.value(known::request_id);
    } else if (is_request_id(h.value(known::correlation_id))) {
        x.id = h.value(known::correlation_id);
    } else {
        ids_.make(x.id);
    }
    if (h.times(known::traceparent) == 1 && is_traceparent(h.value(known::traceparent)))
        x.trace = h.value(known::traceparent);
    const auto languages = h.list(known::accept_language, scratch_);
    x.lang = languages.empty() ? shared_.options.default_language
                               : choose_language(languages, shared_.options.default_language);
    if (h.times(known::origin) == 1)
        x.allow_origin = shared_.origins.allowed(h.value(known::origin));
    if (h.times(known::accept_encoding) > 0)
        x.gzip = accepts_gzip(h.list(known::accept_encoding, scratch_));
    x.if_none_match = h.value(known::if_none_match);
    x.secure = from.secure;
    if (from.trusted) {
        x.address = shared_.proxies.client(from.address, h.list(known::forwarded_for, scratch_))
                        .to_string();
        if (equal_ignoring_case(h.value(known::forwarded_proto), "https")) x.secure = true;
    } else {
        x.address = from.text;
    }
}

std::optional<refusal> guards::check_message(head& h, exchange& x) const
{
    if (const auto fault = check_host(h)) return refuse_message(*fault);
    if (const auto fault = read_framing(h, x.body)) return refuse_message(*fault);
    x.method = verb_of(h.method);
    if (!x.method)
        return refuse_message(
            {errc::not_implemented,
             {"Không đường dẫn nào hỗ trợ phương thức này.", "No path knows this method."}});
    if (const auto fault = split_target(h)) return refuse_message(*fault);
    x.path = h.path;
    x.query = h.query;
    if (h.target.find('%') != std::string_view::npos) {
        const auto sound = [](std::string_view text) {
            const auto decoded = percent_decode(text, true);
            return decoded && is_utf8(*decoded);
        };
        if (!sound(x.path) || !sound(x.query))
            return refuse_message(
                {errc::bad_request, {"Đường dẫn không phải UTF-8.", "The target is not UTF-8."}});
    }
    if (h.times(known::expect) > 0 && h.minor == 1) {
        if (h.times(known::expect) > 1 ||
            !equal_ignoring_case(h.value(known::expect), "100-continue"))
            return refuse_message(
                {errc::expectation_failed,
                 {"Expect chỉ hỗ trợ 100-continue.", "Only 100-continue is known."}});
        x.expects_continue = x.body.how != framing::kind::none;
    }
    return std::nullopt;
}

std::optional<refusal> guards::check_request(const head& h, exchange& x)
{
    if (h.times(known::kieng_token) == 1)
        x.seen_pos = heads_.read_token(h.value(known::kieng_token));
    if (h.times(known::allow_stale) == 1) x.allow_stale = read_seconds(h.value(known::allow_stale));
    if (auto no = check_route(x)) return no;
    const auto& row = *x.to.found;
    const bool always = shared_.options.always_answered.test(row.who_may.bit);
    if (auto no = check_history(x, always)) return no;
    if (!always) {
        if (auto no = check_rate(x, false)) return no;
        if (!shared_.ready.load(std::memory_order_relaxed)) return refuse(errc::starting);
    }
    if (auto no = check_caller(h, x)) return no;
    if (!always && x.who->signed_in())
        if (auto no = check_rate(x, true)) return no;
    if (auto no = check_fields(h, x)) return no;
    return check_body(h, x);
}

// What a token of another history has seen may be gone: the client must hear of it before anything is done for it.
std::optional<refusal> guards::check_history(exchange& x, bool always) const
{
    const auto seen = std::exchange(x.seen_pos, std::max<std::int64_t>(x.seen_pos, 0));
    if (always || seen >= 0) return std::nullopt;
    return refuse(seen == position_source::kOtherHistory ? errc::history_changed : errc::starting);
}

std::optional<refusal> guards::check_route(exchange& x) const
{
    x.to = shared_.routes.find(*x.method, x.path);
    if (x.to.found != nullptr) {
        const auto& path = x.to.found->path;
        if (x.path.starts_with("/v1/") && !path.starts_with("/v1/")) x.path.remove_prefix(3);
        return std::nullopt;
    }
    if (x.to.allowed == 0) return refuse(errc::not_found);
    refusal no{failure(errc::method_not_allowed)};
    no.allow = router::allow_text(x.to.allowed);
    return no;
}

std::optional<refusal> guards::check_rate(exchange& x, bool user)
{
    auto& limiter = user ? shared_.by_user : shared_.by_address;
    if (!limiter.on()) return std::nullopt;
    const auto verdict = limiter.take(
        user ? std::string_view(x.who->user_id) : std::string_view(x.address), x.began);
    (user ? x.by_user : x.by_address) = verdict;
    (user ? x.limited_by_user : x.limited_by_address) = true;
    if (verdict.allowed) return std::nullopt;
    refusal no{failure(errc::rate_limited)};
    no.why.retry_after = std::max(std::chrono::ceil<std::chrono::milliseconds>(verdict.wait),
                                  std::chrono::milliseconds(1));
    return no;
}

result<caller> guards::authenticate(const head& h) const
{
    const auto value = h.value(known::authorization);
    if (h.times(known::authorization) > 1 || value.size() < 8 ||
        !equal_ignoring_case(value.substr(0, 7), "bearer "))
        return failure(errc::token_invalid);
    return shared_.who.authenticate(trim(value.substr(7)));
}

// A refused peer is not read any further: what it sends costs no more than its head.
std::optional<refusal> guards::check_peer(const head& h, exchange& x) const
{
    std::vector<std::pair<std::string, std::string>> headers;
    headers.reserve(h.count);
    for (std::size_t i = 0; i < h.count; ++i)
        headers.emplace_back(h.fields[i].name, h.fields[i].value);
    if (shared_.peers != nullptr) x.peer = shared_.peers->admit({h.method, h.target, headers});
    if (x.peer) return std::nullopt;
    return refusal{failure(errc::unauthenticated), true};
}

std::optional<refusal> guards::check_caller(const head& h, exchange& x)
{
    const auto& row = *x.to.found;
    x.who = &shared_.who.nobody();
    if (row.who_may.peer) return check_peer(h, x);
    const bool reads = !shared_.options.ignores_token.test(row.who_may.bit);
    if (reads && h.times(known::authorization) > 0) {
        auto found = authenticate(h);
        if (found.has_value()) {
            x.signed_in = std::move(found.value());
            x.who = &*x.signed_in;
        } else if (row.who_may.any_token) {
            x.token_fault = std::move(found.error());
        } else {
            return refusal{std::move(found.error())};
        }
    }
    if (x.who->may(row.who_may)) return std::nullopt;
    return refuse(x.who->signed_in() ? errc::forbidden : errc::unauthenticated);
}

std::optional<refusal> guards::check_fields(const head& h, exchange& x) const
{
    const auto& row = *x.to.found;
    if (row.repeats != keyed::never) {
        const auto times = h.times(known::idempotency_key);
        if (times == 0 && row.repeats == keyed::must) return refuse(errc::idempotency_key_missing);
        const auto key = h.value(known::idempotency_key);
        if (times > 1 || (times == 1 && (key.size() < kMinKey || key.size() > kMaxKey ||
                                         !std::all_of(key.begin(), key.end(), is_visible))))
            return refuse(errc::idempotency_key_invalid);
        if (times == 1) x.key = key;
    }
    if (h.times(known::accept) > 0) {
        std::string scratch;
        const auto accept = h.list(known::accept, scratch);
        const bool events = shared_.options.streams_events.test(row.who_may.bit);
        const bool text = shared_.options.offers_text.test(row.who_may.bit);
        const bool ok =
            accepts_type(accept, events ? "text/event-stream" : "application/json") ||
            (text && (accepts_type(accept, "text/plain") || accepts_type(accept, "text/csv")));
        if (!ok && row.method == verb::get) return refuse(errc::not_acceptable);
    }
    return std::nullopt;
}

std::optional<refusal> guards::check_body(const head& h, const exchange& x) const
{
    const auto& row = *x.to.found;
    const bool has_body = x.body.how != framing::kind::none;
    if (row.takes == body_kind::none) {
        if (!has_body) return std::nullopt;
        return refuse(errc::bad_request,
                      {"Yêu cầu này không nhận nội dung.", "This request takes no body."});
    }
    const auto most = row.takes == body_kind::stream ? shared_.options.within.stream_bytes
                                                     : shared_.options.within.body_bytes;
    if (x.body.length > most) return refusal{failure(errc::payload_too_large), true};
    if (!has_body) return std::nullopt;
    if (h.times(known::content_encoding) > 0 &&
        !equal_ignoring_case(h.value(known::content_encoding), "identity"))
        return refuse(errc::unsupported_media_type);
    if (h.times(known::content_type) > 1)
        return refusal{wrong_header("Content-Type", fault_code::duplicate)};
    const auto type = h.value(known::content_type);
    bool known_type = false;
    switch (row.takes) {
    case body_kind::none: break;
    case body_kind::json: known_type = is_media_type(type, "application/json"); break;
    case body_kind::merge:
        known_type = is_media_type(type, "application/merge-patch+json") ||
                     is_media_type(type, "application/json");
        break;
    case body_kind::stream: known_type = is_media_type(type, "text/csv"); break;
    }
    if (!known_type) return refuse(errc::unsupported_media_type);
    return std::nullopt;
}

}  // namespace kieng::http
