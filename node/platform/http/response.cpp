#include "node/platform/http/response.hpp"

namespace kieng::http {

response json_response(int status, std::string body)
{
    response made;
    made.status = status;
    made.body = std::move(body);
    return made;
}

response no_content()
{
    response made;
    made.status = 204;
    made.content_type.clear();
    return made;
}

}  // namespace kieng::http
