#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/plan/plan.h"
#include "engine/report/attention.h"

// A plan as a document without a format. What is said of a change, in which
// order and in which words is decided here, once; a renderer only draws it, so
// that no two of them can tell a reviewer different things. Pure.
namespace patform {

struct OutlineOptions {
  // For a comment that a bot posts again and again: days where a terminal
  // shows instants and "in 3d", so that the same plan a minute later reads the
  // same, and the gravest first. A comment has a table with each change's
  // organization, why it is done and how long its token lives, which its lines
  // leave out.
  bool comment = false;
  // Of each list of what changes nothing; what is beyond is counted.
  size_t most_unmanaged = ~size_t{0};
  size_t most_left_out = ~size_t{0};
  int most_warnings = 1 << 30;  // of one rule
};

// Refers to the plan, which must outlive it. Titles and lines are fit to be
// shown, with text from outside made visible (strings.h); the lists hold that
// text as it is, because each format has its own way to make it inert.
struct Outline {
  struct Line {
    enum class Kind {
      kField,  // "scopes", "vso.code → vso.build"
      kStep,   // a verb and what it is done to: "revoke", "generation 2 (…)"
      kPart,   // of the field above: one scope that comes or goes
    };
    Kind kind = Kind::kField;
    char sign = ' ';    // '+' comes, '-' goes, '~' differs
    std::string field;  // kPart: empty
    std::string value;
  };

  // One change.
  struct Block {
    const Change* change;
    std::string address;
    std::string identity;  // " (27e59f42, generation 3)"; "" of a new token
    std::string title;     // "will be created"
    std::string why;       // why, and whether it is maintenance
    std::vector<Line> lines;
    // What nobody may approve without having read it: text from outside as it
    // is. Never to be cut, nor put inside of a fold.
    std::vector<Attention> attention;
  };

  // Each block is made when it is asked for: all of a large plan would take
  // more room than the plan.
  class Blocks {
   public:
    class Iterator {
     public:
      Iterator(const Blocks& blocks, size_t at) : blocks_(&blocks), at_(at) {}
      Block operator*() const { return blocks_->At(at_); }
      Iterator& operator++() {
        ++at_;
        return *this;
      }
      bool operator==(const Iterator&) const = default;

     private:
      const Blocks* blocks_;
      size_t at_;
    };

    Blocks() = default;
    Blocks(const Plan& plan, const OutlineOptions& options);

    size_t size() const { return order_.size(); }
    Block At(size_t i) const;
    // For whoever goes through them again and again.
    std::vector<Block> All() const;
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, size()}; }

   private:
    const Plan* plan_ = nullptr;
    OutlineOptions options_;
    std::vector<const Change*> order_;
  };

  struct Item {
    std::string subject;  // as it is
    std::string text;     // as it is
    const char* sign = "";
  };
  struct List {
    std::vector<Item> items;
    size_t omitted = 0;
  };

  struct Findings {
    std::vector<const Finding*> items;
    std::map<std::string, int> omitted;  // warnings, by their rule
  };

  std::string age;        // as of RenderAge
  std::string signature;  // as of RenderSignature
  std::string summary;    // as of RenderSummary
  Blocks blocks;
  List undecided;
  List notes;
  List unmanaged;  // `text` is ours: "(27e59f42), until …"
  List left_out;   // `text` is ours: why it would have been done
  List waiting;    // likewise; all of it
  Findings findings;
};

Outline OutlineOf(const Plan& plan, const OutlineOptions& options);

// "2026-11-23"; "" for nothing.
std::string Day(const std::optional<absl::Time>& time);

// "1 to create, 2 to update, …" or, of what was done, "1 created, …": what
// finishes and releases only where there is any.
std::string CountsText(const ActionCounts& counts, bool done);

// "Plan: 2 to create, 1 to update, 1 to rotate, 0 to revoke."
std::string RenderSummary(const Plan& plan);

// How old what the plan is made from is: "From a snapshot of …, 2h old: …". ""
// where it was looked at by this run.
std::string RenderAge(const Plan& plan);

// What a plan that went through a file is worth: that nobody signed it, or that
// nobody checked. "" where there is nothing to report.
std::string RenderSignature(const Plan& plan);

}  // namespace patform
