// A program of its own: it replaces operator delete and libcrypto's allocator
// to see what memory holds when it is given back.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/digest.h"
#include "engine/base/secret.h"

namespace {

constexpr std::string_view kValue = "not-a-real-secret-0123456789";
// As much as SipHash holds back of a message: no multiple of eight bytes.
constexpr std::string_view kTail = "-secret";
constexpr size_t kHeader = 32;

int g_leaks = 0;  // blocks that were given back with a secret in them
int g_blocks = 0;

void* Allocate(size_t size) {
  auto* block = static_cast<unsigned char*>(std::malloc(size + kHeader));
  if (block == nullptr) std::abort();
  std::memcpy(block, &size, sizeof(size));
  // What was in the memory before is not what is looked for.
  std::memset(block + kHeader, 0, size);
  return block + kHeader;
}

void Free(void* at) {
  if (at == nullptr) return;
  unsigned char* block = static_cast<unsigned char*>(at) - kHeader;
  size_t size = 0;
  std::memcpy(&size, block, sizeof(size));
  ++g_blocks;
  const std::string_view bytes(static_cast<const char*>(at), size);
  if (bytes.find(kValue.substr(0, 16)) != std::string_view::npos ||
      bytes.find(kTail) != std::string_view::npos) {
    ++g_leaks;
  }
  std::free(block);
}

void* Reallocate(void* at, size_t size) {
  void* grown = Allocate(size);
  if (at != nullptr) {
    size_t before = 0;
    std::memcpy(&before, static_cast<unsigned char*>(at) - kHeader,
                sizeof(before));
    std::memcpy(grown, at, std::min(before, size));
    Free(at);
  }
  return grown;
}

// libcrypto takes another allocator only before it first allocated.
const int g_watched = CRYPTO_set_mem_functions(
    [](size_t size, const char*, int) { return Allocate(size); },
    [](void* at, size_t size, const char*, int) {
      return Reallocate(at, size);
    },
    [](void* at, const char*, int) { Free(at); });

}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void* operator new[](size_t size) { return Allocate(size); }
void operator delete(void* at) noexcept { Free(at); }
void operator delete[](void* at) noexcept { Free(at); }
void operator delete(void* at, size_t) noexcept { Free(at); }
void operator delete[](void* at, size_t) noexcept { Free(at); }

namespace patform {
namespace {

// Runs `what` and says how many blocks it gave back with the secret in them.
template <typename What>
int LeaksOf(const What& what) {
  const int leaks = g_leaks;
  what();
  return g_leaks - leaks;
}

TEST(SecretWipes, TheWatchSeesALeak) {
  EXPECT_EQ(LeaksOf([] { const std::string plain(kValue); }), 1);
}

TEST(SecretWipes, WhenItGoes) {
  const int blocks = g_blocks;
  EXPECT_EQ(LeaksOf([] { const Secret secret(kValue); }), 0);
  EXPECT_GT(g_blocks, blocks);
}

TEST(SecretWipes, WhenItIsAssignedOver) {
  EXPECT_EQ(LeaksOf([] {
              Secret secret(kValue);
              secret = Secret("another");
              secret = Secret();
            }),
            0);
}

TEST(SecretWipes, WhenItIsMoved) {
  EXPECT_EQ(LeaksOf([] {
              Secret secret(kValue);
              Secret other(std::move(secret));
              Secret third;
              third = std::move(other);
            }),
            0);
}

TEST(SecretWipes, WhenItGrows) {
  EXPECT_EQ(LeaksOf([] {
              Secret secret(kValue);
              for (int i = 0; i < 100; ++i) secret.Append("0123456789");
              const Secret clone = secret.Clone();
            }),
            0);
}

// A digest of a secret is no way out of its memory, whatever its length.
TEST(SecretWipes, WhenItIsDigested) {
  ASSERT_EQ(g_watched, 1);
  static constexpr char kBytes[] = "0123456789abcdef-secret";
  ASSERT_TRUE(std::string_view(kBytes).ends_with(kTail));
  const int blocks = g_blocks;
  EXPECT_EQ(LeaksOf([] { EXPECT_NE(Sha256(kBytes), ""); }), 0);
  EXPECT_EQ(LeaksOf([] { EXPECT_NE(HmacSha256("key", kBytes), ""); }), 0);
  EXPECT_EQ(LeaksOf([] { EXPECT_NE(HmacSha256(kBytes, "text"), ""); }), 0);
  EXPECT_EQ(LeaksOf([] { HmacSha256Key(Secret(kBytes), "text"); }), 0);
  EXPECT_EQ(LeaksOf([] { EXPECT_NE(SipHash(0, 0, kBytes), 0u); }), 0);
  EXPECT_GT(g_blocks, blocks);
}

}  // namespace
}  // namespace patform
