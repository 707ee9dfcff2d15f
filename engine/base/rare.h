#pragma once

#include <memory>
#include <utility>

namespace patform {

// A value that most of its owners leave as T() is: one pointer instead of a T,
// where a hundred thousand owners are in memory. Copies are deep.
// Reading never makes one.
template <typename T>
class Rare {
 public:
  Rare() = default;
  Rare(T value)  // NOLINT: a T is one
      : value_(std::make_unique<T>(std::move(value))) {}
  Rare(const Rare& other)
      : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Rare(Rare&&) = default;
  Rare& operator=(Rare other) {
    value_ = std::move(other.value_);
    return *this;
  }

  const T& operator*() const {
    static const T& absent = *new T();
    return value_ ? *value_ : absent;
  }
  const T* operator->() const { return &**this; }

  // To be written to; made where there is none.
  T& Mutable() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace patform
