// The rows of the route table that sign people in and manage accounts. The services outlive the table.
#pragma once

#include "node/identity/address_service.hpp"
#include "node/identity/audit_service.hpp"
#include "node/identity/registration_service.hpp"
#include "node/identity/session_service.hpp"
#include "node/identity/user_service.hpp"
#include "node/platform/http/route.hpp"

#include <vector>

namespace kieng::identity {

struct services {
    registration_service& registration;
    session_service& sessions;
    user_service& users;
    address_service& addresses;
    const audit_service& log;
};

[[nodiscard]] std::vector<http::route> identity_routes(const services& of);

// Its parts: /auth without the profile; /auth/me; /users and /audit.
[[nodiscard]] std::vector<http::route> session_routes(const services& of);
[[nodiscard]] std::vector<http::route> profile_routes(const services& of);
[[nodiscard]] std::vector<http::route> user_routes(const services& of);

}  // namespace kieng::identity
