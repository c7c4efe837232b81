#include "node/identity/hash_pool.hpp"

#include "base/log.hpp"
#include "node/identity/password.hpp"

#include <exception>
#include <memory>

namespace kieng::identity {
namespace {

constexpr std::chrono::milliseconds kRetryAfter{1000};

}  // namespace

hash_pool::hash_pool(hash_options how, random& bits) : how_(how), bits_(bits)
{
    for (std::size_t i = 0; i < how_.threads; ++i) threads_.emplace_back([this] { work(); });
}

hash_pool::~hash_pool()
{
    stop();
}

result<hash_pool::place> hash_pool::enter()
{
    const std::lock_guard hold(mutex_);
    if (stopping_) return failure(errc::draining);
    if (places_ >= how_.threads + how_.queue) {
        failure busy(errc::hashing_busy);
        busy.retry_after = kRetryAfter;
        return busy;
    }
    ++places_;
    return place(*this);
}

void hash_pool::leave()
{
    const std::lock_guard hold(mutex_);
    --places_;
}

template <class T>
task<result<T>> hash_pool::submit(std::function<T()> what)
{
    co_return co_await await_promise<result<T>>([this, &what](promise<result<T>> p) {
        const auto answer = std::make_shared<promise<result<T>>>(std::move(p));
        job next{[answer, what = std::move(what)] {
                     try {
                         (*answer)(what());
                     } catch (const std::exception& error) {
                         log::error("password_hashing_failed", {{"why", error.what()}});
                         (*answer)(failure(errc::internal_error));
                     }
                 },
                 [answer] { (*answer)(failure(errc::draining)); }};
        std::unique_lock hold(mutex_);
        if (stopping_) {
            hold.unlock();
            next.refuse();
            return;
        }
        jobs_.push_back(std::move(next));
        wake_.notify_one();
    });
}

task<result<std::string>> hash_pool::hash(std::string password)
{
    std::function<std::string()> what = [this, password = std::move(password)] {
        return hash_password(password, how_.cost, bits_);
    };
    co_return co_await submit<std::string>(std::move(what));
}

task<result<bool>> hash_pool::verify(std::string password, std::string hash)
{
    std::function<bool()> what = [this, password = std::move(password), hash = std::move(hash)] {
        return verify_password(password, hash, how_.cost);
    };
    co_return co_await submit<bool>(std::move(what));
}

void hash_pool::work()
{
    for (;;) {
        std::unique_lock hold(mutex_);
        wake_.wait(hold, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        const job next = std::move(jobs_.front());
        jobs_.pop_front();
        hold.unlock();
        next.run();
    }
}

void hash_pool::stop()
{
    std::deque<job> waiting;
    {
        const std::lock_guard hold(mutex_);
        stopping_ = true;
        waiting.swap(jobs_);
    }
    wake_.notify_all();
    for (const auto& left : waiting) left.refuse();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

}  // namespace kieng::identity
