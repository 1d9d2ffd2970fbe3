#include <iggy/storage/verify.hpp>

namespace iggy::storage {

std::string_view name(finding_weight weight) noexcept {
    switch (weight) {
        case finding_weight::note:
            return "note";
        case finding_weight::cache:
            return "cache";
        case finding_weight::damage:
            return "damage";
    }
    return "damage";
}

std::string_view name(finding_kind kind) noexcept {
    switch (kind) {
        case finding_kind::bad_checksum:
            return "bad_checksum";
        case finding_kind::bad_length:
            return "bad_length";
        case finding_kind::bad_order:
            return "bad_order";
        case finding_kind::unreadable:
            return "unreadable";
        case finding_kind::cut_short:
            return "cut_short";
        case finding_kind::size_differs:
            return "size_differs";
        case finding_kind::summary_differs:
            return "summary_differs";
        case finding_kind::missing_segment:
            return "missing_segment";
        case finding_kind::torn_tail:
            return "torn_tail";
        case finding_kind::behind_the_end:
            return "behind_the_end";
        case finding_kind::index_missing:
            return "index_missing";
        case finding_kind::index_foreign:
            return "index_foreign";
        case finding_kind::index_outdated:
            return "index_outdated";
        case finding_kind::index_damaged:
            return "index_damaged";
        case finding_kind::index_disagrees:
            return "index_disagrees";
        case finding_kind::identity_missing:
            return "identity_missing";
        case finding_kind::identity_damaged:
            return "identity_damaged";
        case finding_kind::identity_differs:
            return "identity_differs";
        case finding_kind::unfinished_truncation:
            return "unfinished_truncation";
        case finding_kind::offsets_damaged:
            return "offsets_damaged";
        case finding_kind::offsets_past_end:
            return "offsets_past_end";
        case finding_kind::stamp_cut_short:
            return "stamp_cut_short";
        case finding_kind::manifest_missing:
            return "manifest_missing";
        case finding_kind::manifest_damaged:
            return "manifest_damaged";
        case finding_kind::manifest_torn_tail:
            return "manifest_torn_tail";
        case finding_kind::manifest_leftover:
            return "manifest_leftover";
        case finding_kind::journal_damaged:
            return "journal_damaged";
        case finding_kind::journal_torn_tail:
            return "journal_torn_tail";
        case finding_kind::journal_foreign:
            return "journal_foreign";
        case finding_kind::not_closed:
            return "not_closed";
        case finding_kind::trash_left:
            return "trash_left";
        case finding_kind::unknown_name:
            return "unknown_name";
    }
    return "unknown_name";
}

}  // namespace iggy::storage
