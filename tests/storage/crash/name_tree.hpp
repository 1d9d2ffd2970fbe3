#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pending_content.hpp"
#include "seeded_random.hpp"

/// A file or a directory; its names are elsewhere.
struct disk_node {
    using names = std::map<std::string, std::shared_ptr<disk_node>, std::less<>>;

    bool is_directory = false;
    pending_content content;
    std::uint64_t reserved = 0;  ///< end of the reserved room
    names visible;
    names durable;
};
using disk_node_ptr = std::shared_ptr<disk_node>;

/// The names of a disk as they are seen, and which of their changes a power cut may undo.
class name_tree {
public:
    /// Gives `name` in `directory` another meaning; none removes it.
    struct edit {
        disk_node_ptr directory;
        std::string name;
        disk_node_ptr after;
    };

    name_tree();

    /// Null when there is none.
    disk_node_ptr find(std::string_view path) const;
    /// The directory that holds the last name of `path`; null when there is none.
    disk_node_ptr parent_of(std::string_view path) const;
    /// Gives `path`, whose directory is there, another meaning; none removes it.
    edit edit_of(std::string_view path, disk_node_ptr after) const;

    /// Edits that are made durable together.
    void change(std::vector<edit> made);
    /// Makes the names in a directory durable, with all that they build on.
    void sync(const disk_node_ptr& directory);
    /// What is pending in it stays visible, but no later sync makes it durable, nor what builds on
    /// it, until `forgive`.
    void fail_sync(const disk_node_ptr& directory);
    void forgive();
    /// Settles names and contents on one of the states that may be found.
    void cut_power(seeded_random& random);

    /// Bytes of files and reservations that can be reached.
    std::uint64_t used_bytes() const;

private:
    using edits = std::vector<edit>;
    struct pending_change {
        edits made;
        bool stuck = false;  ///< a sync of it failed
    };
    static bool touches(const edits& change, const disk_node_ptr& directory);
    static bool meet(const edits& a, const edits& b);
    static void make_durable(const edits& change);

    disk_node_ptr root_;
    std::vector<pending_change> pending_;  // in order
};
