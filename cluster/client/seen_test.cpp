// Whether what reached the servers of a case is what should have: order, bytes, keys, tokens, headers.
#include "cluster/client/testing.hpp"

#include <map>

namespace kieng::cluster::client::testing {
namespace {

using std::string;

string header_of(const arrival& came, const string& name, bool& there)
{
    for (const auto& [key, value] : came.headers) {
        if (key == name) {
            there = true;
            return value;
        }
    }
    there = false;
    return {};
}

class seen_check {
public:
    seen_check(const json& wanted, const std::vector<arrival>& seen, complaints& wrong)
        : wanted_(wanted),
          seen_(seen),
          wrong_(wrong)
    {}

    void all()
    {
        if (wanted_.size() != seen_.size()) {
            json found = json::array();
            for (const arrival& one : seen_)
                found.push_back(one.server + " " + one.method + " " + one.target);
            wrong_.push_back("wanted " + std::to_string(wanted_.size()) + " requests, seen " +
                             found.dump());
            return;
        }
        for (std::size_t i = 0; i < seen_.size(); ++i) {
            where_ = "request " + std::to_string(i + 1);
            one(wanted_[i], seen_[i]);
            if (i > 0 &&
                seen_[i].at - seen_[i - 1].at < milliseconds(wanted_[i].value("minWaitMs", 0))) {
                wrong_.push_back(where_ + " came too early");
            }
        }
    }

private:
    void one(const json& wanted, const arrival& came)
    {
        json plain{{"server", came.server},
                   {"method", came.method},
                   {"target", came.target},
                   {"body", came.body}};
        for (const char* name : {"server", "method", "target", "body"}) {
            if (wanted.contains(name) && wanted[name] != plain[name]) {
                wrong_.push_back(where_ + ": " + name + " should be " + wanted[name].dump() +
                                 " and is " + plain[name].dump());
            }
        }
        const json named = wanted.value("headers", json::object());
        for (const auto& [name, value] : named.items()) header(came, name, value);
        if (wanted.contains("token")) header(came, "kieng-token", wanted["token"]);
        if (wanted.contains("key")) key(came, wanted["key"]);
    }

    void header(const arrival& came, const string& name, const json& wanted)
    {
        bool there = false;
        const string value = header_of(came, name, there);
        const json found = there ? json(value) : json();
        if (found != wanted)
            wrong_.push_back(where_ + ": " + name + " should be " + wanted.dump() + " and is " +
                             found.dump());
    }

    // The same label is the same key, another label another one; "=text" is that very key.
    void key(const arrival& came, const json& wanted)
    {
        const string label = wanted.is_string() ? wanted.get<string>() : "";
        if (label.empty() || label[0] == '=')
            return header(came, "idempotency-key", label.empty() ? json() : json(label.substr(1)));
        bool there = false;
        const string value = header_of(came, "idempotency-key", there);
        if (value.size() < 16 || value.size() > 100)
            wrong_.push_back(where_ + ": no key, or none of 16 to 100 characters");
        const auto known = keys_.try_emplace(label, value).first;
        if (known->second != value) wrong_.push_back(where_ + ": another key than before");
        for (const auto& [other, used] : keys_) {
            if (other != label && used == value)
                wrong_.push_back(where_ + ": the key of another call");
        }
    }

    const json& wanted_;
    const std::vector<arrival>& seen_;
    complaints& wrong_;
    string where_;
    std::map<string, string> keys_;
};

}  // namespace

void check_seen(const json& wanted, const std::vector<arrival>& seen, complaints& wrong)
{
    seen_check(wanted, seen, wrong).all();
}

}  // namespace kieng::cluster::client::testing
