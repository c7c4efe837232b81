// Answers that are ready: refusals, files, cache hits. Nothing here waits.
#include "base/log.hpp"
#include "node/platform/cache/gzip.hpp"
#include "node/platform/http/cache_key.hpp"
#include "node/platform/http/gzip.hpp"
#include "node/platform/http/negotiate.hpp"
#include "node/platform/http/session.hpp"
#include "node/platform/http/target.hpp"
#include "node/platform/http/worker.hpp"

namespace kieng::http {
namespace {

constexpr int kFastest = 1;  // of gzip: the answer is made once

constexpr std::string_view kApp = "/app/";

// PostgreSQL has been silent for longer: what is cached may no longer be the newest.
constexpr std::chrono::milliseconds kFresh{3'000};

}  // namespace

session::step session::begin()
{
    auto& h = worker_.scratch_head();
    auto& checks = worker_.checks();
    checks.identify(h, peer_, x_);
    body_done_ = true;
    const auto no = checks.check_message(h, x_);
    const auto head_bytes = parser_.size();
    parser_.reset();
    if (no) {
        x_.keep_alive = false;
        refuse(no->why);
        return step::answered;
    }
    begin_body(0);
    if (x_.method == verb::options) {
        answer_options(h);
    } else if (!answer_file()) {
        if (const auto why_not = checks.check_request(h, x_)) {
            if (why_not->close) x_.keep_alive = false;
            refuse(why_not->why, why_not->allow);
        } else if (std::holds_alternative<cached>(x_.to.found->answer)) {
            if (!answer_from_cache()) {
                (void)make_request(h);
                consume(head_bytes);
                return step::load;
            }
        } else {
            (void)make_request(h);
            consume(head_bytes);
            return step::handle;
        }
    }
    consume(head_bytes);
    return step::answered;
}

void session::refuse(const failure& why, std::string_view allow, std::optional<std::int64_t> pos)
{
    request minimal;
    minimal.lang = x_.lang;
    minimal.id = x_.id;
    minimal.cut_off = shared_.positions.cut_off();
    auto made = problem(why, minimal);
    if (!allow.empty()) made.headers.emplace_back("Allow", allow);
    made.pos = pos;
    answer(std::move(made));
}

void session::refuse_message(errc code, const phrase& why)
{
    x_.keep_alive = false;
    body_done_ = true;
    refuse(failure(code, why));
}

void session::answer_options(const head& h)
{
    std::string methods = shared_.all_methods;
    if (x_.path != "*") {
        const bool file = shared_.files && (x_.path.starts_with(kApp) || x_.path == "/");
        const auto found = shared_.routes.find(verb::options, x_.path);
        if (found.allowed == 0 && !file) return refuse(failure(errc::not_found));
        methods = found.allowed == 0 ? "GET, HEAD, OPTIONS" : router::allow_text(found.allowed);
    }
    std::vector<std::pair<std::string, std::string>> more;
    more.emplace_back("Allow", methods);
    if (!x_.allow_origin.empty() && h.times(known::cors_method) == 1) {
        std::string text;
        cors::append_preflight_headers(text, x_.allow_origin, methods);
        // Those headers replace the ordinary ones, which would name the origin a second time.
        x_.allow_origin = {};
        more.emplace_back("Vary",
                          "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
        std::string_view rest = text;
        while (!rest.empty()) {
            const auto end = rest.find("\r\n");
            const auto colon = rest.find(": ");
            more.emplace_back(rest.substr(0, colon), rest.substr(colon + 2, end - colon - 2));
            rest.remove_prefix(end + 2);
        }
    }
    answer_facts facts;
    facts.status = 204;
    facts.pos = shared_.positions.applied();
    facts.more = &more;
    append(facts, std::string_view());
}

// The web app, or the way to it. False: the path is not its.
bool session::answer_file()
{
    const bool entrance = x_.path == "/" || x_.path == "/app";
    if (!shared_.files) {
        if (x_.path != "/" || shared_.routes.find(verb::get, "/").found != nullptr) return false;
        if (x_.method != verb::get && x_.method != verb::head) return false;
        answer(json_response(
            200,
            R"({"name":"Kiềng","links":{"health":"/api/health","contract":"/api/openapi.json","products":"/products"}})"));
        return true;
    }
    if (!entrance && !x_.path.starts_with(kApp)) return false;
    if (x_.method != verb::get && x_.method != verb::head) {
        refuse(failure(errc::method_not_allowed), "GET, HEAD, OPTIONS");
        return true;
    }
    if (entrance) {
        response made;
        made.status = 302;
        made.content_type.clear();
        made.headers.emplace_back("Location", kApp);
        answer(std::move(made));
        return true;
    }
    const auto* file = shared_.files->find(x_.path.substr(kApp.size()));
    if (file == nullptr) {
        refuse(failure(errc::not_found));
        return true;
    }
    const bool packed = x_.gzip && !file->gzip.empty();
    answer_facts facts;
    facts.etag = file->etag;
    facts.etag_suffix = packed ? "-gz" : "";
    facts.cache_control =
        file->immutable ? "public, max-age=31536000, immutable" : "public, no-cache";
    facts.policy = shared_.page_policy;
    facts.pos = shared_.positions.applied();
    facts.content_type = file->content_type;
    facts.gzip = packed;
    const std::string_view body = packed ? file->gzip : file->body;
    facts.length = body.size();
    if (!x_.if_none_match.empty() && names_etag(x_.if_none_match, facts.etag, facts.etag_suffix))
        facts.status = 304;
    append(facts, body);
    return true;
}

bool session::answer_from_cache()
{
    if (x_.seen_pos > shared_.positions.applied()) return false;
    auto& key = worker_.scratch_key();
    key.clear();
    append_cache_key(x_, key);
    const auto found = shared_.cache.find(key);
    if (!found) return false;
    x_.cached = true;
    const auto age = shared_.positions.age();
    if (age <= kFresh)
        answer_entry(found);
    else if (x_.allow_stale && age <= *x_.allow_stale && found->status < 400)
        answer_stale(*found, age);
    else
        refuse(failure(errc::database_unavailable));
    return true;
}

// What was true when PostgreSQL was last heard of, for those who said that they can live with it. Says so in the body, too.
void session::answer_stale(const cache::entry& found, std::chrono::milliseconds age)
{
    response made;
    made.status = found.status;
    made.content_type = found.content_type;
    made.body = found.body;
    if (made.body.size() > 2 && made.body.front() == '{') made.body.insert(1, "\"stale\":true,");
    made.headers.emplace_back(
        "Age", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(age).count()));
    made.pos = std::max(shared_.positions.applied(), found.pos);
    answer(std::move(made));
}

void session::answer_entry(const cache::entry_ptr& kept)
{
    const auto& found = *kept;
    const auto newest = std::max(shared_.positions.applied(), found.pos);
    if (found.status >= 400) return refuse(failure(errc::not_found), {}, newest);
    const std::string_view compressed =
        x_.gzip ? std::string_view(found.gzip()) : std::string_view();
    const bool packed = !compressed.empty();
    answer_facts facts;
    facts.status = found.status;
    facts.content_type = found.content_type;
    facts.cache_control = kCacheablePrivate;
    facts.etag = found.etag;
    facts.etag_suffix = packed ? "-gz" : "";
    facts.gzip = packed;
    facts.pos = newest;
    std::vector<std::pair<std::string, std::string>> more;
    if (!found.location.empty()) {
        more.emplace_back("Location", found.location);
        facts.more = &more;
    }
    const std::string_view body = packed ? compressed : std::string_view(found.body);
    facts.length = body.size();
    if (!x_.if_none_match.empty() && !found.etag.empty() &&
        names_etag(x_.if_none_match, found.etag, facts.etag_suffix))
        facts.status = 304;
    append(facts, body, kept);
}

// An answer made by a handler or by us: validators, compression, head, body.
void session::answer(response made)
{
    answer_facts facts;
    facts.status = made.status;
    facts.content_type = made.content_type;
    facts.etag = made.etag;
    facts.more = &made.headers;
    facts.pos = made.pos.value_or(shared_.positions.applied());
    if (made.cacheable) facts.cache_control = kCacheablePrivate;
    std::string packed;
    if (x_.gzip && made.gzip && !made.gzip->empty())
        packed = *made.gzip;
    else if (x_.gzip && made.body.size() >= kGzipFrom && made.body.size() <= kGzipUpTo &&
             is_compressible(made.content_type))
        packed = cache::gzip(made.body, kFastest);
    const std::string_view body = packed.empty() ? made.body : packed;
    facts.gzip = !packed.empty();
    facts.length = body.size();
    const bool reads = x_.method == verb::get || x_.method == verb::head;
    if (!made.etag.empty() && made.cacheable) facts.etag_suffix = facts.gzip ? "-gz" : "";
    if (reads && made.status == 200 && !made.etag.empty() && !x_.if_none_match.empty() &&
        names_etag(x_.if_none_match, made.etag, facts.etag_suffix))
        facts.status = 304;
    append(facts, body);
}

void session::append(const answer_facts& facts, std::string_view body,
                     std::shared_ptr<const void> owner)
{
    auto sent = facts;
    if (facts.status == 304) sent.gzip = false;
    const auto before = out_.size();
    worker_.heads().append(out_.text(), x_, sent);
    if (!x_.wants_head_only() && facts.status != 304 && facts.status != 204) {
        if (owner) {
            out_.append(body, std::move(owner));
        } else {
            out_.text() += body;
        }
    }
    done(facts.status, out_.size() - before);
}

void session::done(int status, std::size_t bytes)
{
    answered_ = true;
    x_.status = status;
    x_.bytes = bytes;
    worker_.finished(x_, status, bytes);
}

// The request as handlers see it; from here on nothing points into the connection's buffer.
request& session::make_request(const head& h)
{
    request_ = std::make_unique<request>();
    auto& made = *request_;
    made.method = *x_.method == verb::head ? verb::get : *x_.method;
    made.target = h.target;
    made.path = decode_component(x_.path, false).value_or(std::string(x_.path));
    made.query = decode_query(x_.query).value_or(query_pairs());
    made.headers.reserve(h.count);
    for (std::size_t i = 0; i < h.count; ++i)
        made.headers.emplace_back(h.fields[i].name, h.fields[i].value);
    made.params = shared_.routes.params(*x_.to.found, x_.path);
    made.who = *x_.who;
    made.peer = x_.peer;
    made.token_fault = x_.token_fault;
    made.lang = x_.lang;
    made.id = x_.id;
    made.trace = x_.trace;
    made.address = x_.address;
    if (x_.key) made.idempotency_key = std::string(*x_.key);
    made.seen_pos = x_.seen_pos;
    made.cut_off = shared_.positions.cut_off();
    if (!left_) left_ = std::make_shared<std::atomic<bool>>(false);
    made.left = left_;
    x_.keep();
    return made;
}

// A fault of ours: the log hears what it was, the client only that it happened.
response session::broken(std::exception_ptr error)
{
    std::string what = "unknown exception";
    try {
        std::rethrow_exception(std::move(error));
    } catch (const std::exception& e) {
        what = e.what();
    } catch (...) {
        what = "not a std::exception";
    }
    log::error("handler_failed",
               {{"id", x_.id}, {"method", x_.method_text}, {"path", x_.path}, {"what", what}});
    request minimal;
    minimal.lang = x_.lang;
    minimal.id = x_.id;
    failure why(errc::internal_error);
    if (x_.method == verb::get || x_.method == verb::head) why.effect = committed::no;
    return problem(why, minimal);
}

}  // namespace kieng::http
