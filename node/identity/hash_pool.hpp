// Where passwords are hashed: few threads, a short queue, and an honest "busy" beyond it, because each hash costs about a
// fifth of a second of a core by design and a flood of sign-ins must not slow down the shop.
//
// A place is taken before anything else is done for a sign-in, so a flood costs neither hashing nor the database.
// Thread safe. Coroutines resume on their own io_context. stop() answers waiting work with `draining`.
#pragma once

#include "base/async.hpp"
#include "base/random.hpp"
#include "base/result.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace kieng::identity {

struct hash_options {
    int cost = 12;  // at least kMinBcryptCost
    std::size_t threads = 1;
    std::size_t queue = 8;  // places beyond those being hashed
};

class hash_pool {
public:
    // The right to hash. Gives its place back when destroyed. Must not outlive the pool.
    class place {
    public:
        explicit place(hash_pool& of) : of_(&of) {}
        place(place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        place& operator=(place&&) = delete;
        ~place()
        {
            if (of_) of_->leave();
        }

    private:
        hash_pool* of_;
    };

    hash_pool(hash_options how, random& bits);
    ~hash_pool();
    hash_pool(const hash_pool&) = delete;
    hash_pool& operator=(const hash_pool&) = delete;

    // Errors: hashing_busy (with retry_after), draining.
    [[nodiscard]] result<place> enter();

    // REQUIRES (both): the caller holds a place. Errors: draining.
    task<result<std::string>> hash(std::string password);
    // An empty hash stands for an account that does not exist: false, after the same time.
    task<result<bool>> verify(std::string password, std::string hash);

    void stop();
    [[nodiscard]] int cost() const noexcept { return how_.cost; }

private:
    struct job {
        std::function<void()> run;
        std::function<void()> refuse;
    };

    void leave();
    void work();
    template <class T>
    task<result<T>> submit(std::function<T()> what);

    const hash_options how_;
    random& bits_;

    std::mutex mutex_;  // guards all below
    std::condition_variable wake_;
    std::deque<job> jobs_;
    std::size_t places_ = 0;
    bool stopping_ = false;

    std::vector<std::thread> threads_;
};

}  // namespace kieng::identity
