// Feeds arbitrary bytes to everything that reads from the network before a handler: head, target, chunks, query.
// Build with the preset "fuzz"; run build/fuzz/bin/http_parser_fuzz -max_total_time=60.
#include "node/platform/http/chunked_decoder.hpp"
#include "node/platform/http/head_parser.hpp"
#include "node/platform/http/negotiate.hpp"
#include "node/platform/http/request_ids.hpp"
#include "node/platform/http/target.hpp"

#include <cstdlib>

using namespace kieng::http;

namespace {

const limits kWithin;

void use_head(const head& h, head& copy)
{
    framing body;
    (void)check_host(h);
    (void)read_framing(h, body);
    if (!split_target(copy)) {
        (void)decode_query(copy.query);
        std::string key;
        (void)append_normalised_query(copy.query, key);
    }
    (void)wants_keep_alive(h);
    for (std::size_t i = 0; i < h.count; ++i) {
        const auto value = h.fields[i].value;
        (void)choose_language(value, language::vi);
        (void)accepts_gzip(value);
        (void)accepts_type(value, "application/json");
        (void)names_etag(value, "v1", "-gz");
        (void)is_media_type(value, "text/csv");
        (void)is_request_id(value);
        (void)is_traceparent(value);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    // The first byte says where the input is cut: both ways must read the same.
    const std::size_t cut = (size - 1) * data[0] / 255;
    const std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);

    std::string whole = input;
    head_parser at_once(kWithin);
    head first;
    const auto one = at_once.parse(whole.data(), whole.size(), first);

    std::string pieces = input;
    head_parser in_two(kWithin);
    head second;
    auto two = in_two.parse(pieces.data(), cut, second);
    if (two == head_parser::state::more) two = in_two.parse(pieces.data(), pieces.size(), second);
    if (one == head_parser::state::done && (two != one || at_once.size() != in_two.size()))
        std::abort();
    if (one == head_parser::state::done) use_head(first, second);

    chunked_decoder chunks(kWithin);
    std::string out;
    std::size_t used = 0;
    (void)chunks.decode(input, used, out);
    if (used > input.size() || out.size() > input.size()) std::abort();
    return 0;
}
