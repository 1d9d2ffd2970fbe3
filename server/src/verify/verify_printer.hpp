#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <iggy/storage/verify.hpp>

#include "verify/catalog_check.hpp"

namespace iggy::server {

/// Results in one form.
class verify_printer {
public:
    virtual ~verify_printer() = default;
    virtual void print(const storage::finding& of_directory) = 0;
    virtual void print(const storage::journal_report& journal) = 0;
    /// `name`: what the catalog calls it; an orphan is removed at the next start.
    virtual void print(const storage::log_report& log, const std::optional<std::string>& name,
                       bool is_orphan) = 0;
    virtual void print(const catalog_verdict& catalog) = 0;
    virtual void print_end(const storage::verify_totals& totals, bool is_intact,
                           std::chrono::duration<double> took) = 0;
    virtual void print_failure(const std::string& reason) = 0;
};

/// For people, on the standard output; failures on the standard error.
std::unique_ptr<verify_printer> make_text_printer();
/// JSON, one object a line, on the standard output.
std::unique_ptr<verify_printer> make_json_printer();

}  // namespace iggy::server
