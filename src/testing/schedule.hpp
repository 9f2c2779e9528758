// ordo: schedule, which decides in what order things come, where nobody has promised one.
//
// Each thing that comes from outside is marked with its stream: what comes from one thread is one stream, and keeps its
// order, each other thing is a stream by itself. Before an iteration runs, the things of a kind that stand next to each
// other are merged anew, stream by stream; what stands between them is a border that nothing crosses. So the decisions
// form a tree, and a run is a path in it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/arrival_watch.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace ordo::testing {

/// Picks among alternatives.
class chooser {
public:
    virtual std::size_t choose(std::size_t alternatives) = 0;

protected:
    ~chooser() = default;
};

class schedule final : public detail::arrival_watch {
public:
    explicit schedule(chooser& by) : chooser_(by) {}

    void comes_from_thread(detail::ready_node* node) noexcept override;
    void completes(detail::ready_node* node) noexcept override;
    void is_due(detail::ready_node* node, time_point deadline) noexcept override;
    void arrange(detail::node_list& batch) noexcept override;

private:
    enum class kind : std::uint8_t { none, thread, completion, timer };
    struct mark {
        kind what = kind::none;
        std::size_t stream = 0; ///< things of the same stream keep their order
        time_point deadline{};  ///< of a timer; timers with different ones keep their order
        bool mixes_with(mark const& other) const noexcept {
            return what != kind::none && what == other.what && deadline == other.deadline;
        }
    };
    struct arrival {
        detail::ready_node* node;
        mark as;
    };

    void note(detail::ready_node* node, mark as) noexcept;
    std::vector<arrival> take_all(detail::node_list& batch);
    void merge_anew(std::vector<arrival>::iterator begin, std::vector<arrival>::iterator end);

    chooser& chooser_;
    std::thread::id const home_ = std::this_thread::get_id();
    std::mutex mutex_;                                    ///< for what follows
    std::unordered_map<detail::ready_node*, mark> marks_; ///< of what has come and was not arranged yet
    std::unordered_map<std::thread::id, std::size_t> threads_;
    std::size_t streams_ = 0;
};

} // namespace ordo::testing
