#include "node/platform/telemetry/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <map>

namespace kieng::telemetry {

struct samples::state {
    std::map<std::string, prometheus::MetricFamily, std::less<>> families;

    prometheus::ClientMetric& add(std::string_view name, std::string_view help,
                                  prometheus::MetricType type, labels&& with)
    {
        auto& family = families[std::string(name)];
        family.name = std::string(name);
        family.help = std::string(help);
        family.type = type;
        auto& metric = family.metric.emplace_back();
        for (auto& [key, value] : with) metric.label.push_back({std::move(key), std::move(value)});
        return metric;
    }
};

samples::samples() : state_(std::make_unique<state>()) {}
samples::~samples() = default;

void samples::counter(std::string_view name, std::string_view help, double value, labels with)
{
    state_->add(name, help, prometheus::MetricType::Counter, std::move(with)).counter.value = value;
}

void samples::gauge(std::string_view name, std::string_view help, double value, labels with)
{
    state_->add(name, help, prometheus::MetricType::Gauge, std::move(with)).gauge.value = value;
}

void samples::histogram(std::string_view name, std::string_view help, std::span<const double> upper,
                        std::span<const std::uint64_t> counts, double sum, labels with)
{
    auto& out =
        state_->add(name, help, prometheus::MetricType::Histogram, std::move(with)).histogram;
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < upper.size() && i < counts.size(); ++i) {
        cumulative += counts[i];
        prometheus::ClientMetric::Bucket bucket;
        bucket.cumulative_count = cumulative;
        bucket.upper_bound = upper[i];
        out.bucket.push_back(bucket);
    }
    if (counts.size() > upper.size()) cumulative += counts[upper.size()];
    out.sample_count = cumulative;
    out.sample_sum = sum;
}

std::string samples::text() const
{
    std::vector<prometheus::MetricFamily> families;
    families.reserve(state_->families.size());
    for (const auto& [name, family] : state_->families) families.push_back(family);
    return prometheus::TextSerializer().Serialize(families);
}

std::string metrics::text() const
{
    samples out;
    for (const auto& from : sources_) from(out);
    return out.text();
}

}  // namespace kieng::telemetry
