/*
 * What a program needs of the machine that runs it: its input, the calls of the system, accounts derived and created.
 * There is no standard library. Numbers are little-endian, as the machine is.
 */
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;
typedef _Bool bool;
#define true 1
#define false 0

#define ADDRESS 32
#define MOST_ACCOUNTS 16
#define SECTION static __attribute__((unused))

/* Errors of ours are numbers below 2^32; the runtime's own are above. */
#define OK 0

/* ---- calls of the system: the linker leaves these names to the loader ---- */

/* The layouts are fixed by the runtime. */
typedef struct {
  u8 *key;
  u64 *lamports;
  u64 length;
  u8 *data;
  u8 *owner;
  u64 rent_epoch;
  bool signer, writable, executable;
} Account;
typedef struct {
  const u8 *key;
  bool writable, signer;
} Use;
typedef struct {
  const u8 *program;
  const Use *uses;
  u64 count;
  const u8 *data;
  u64 length;
} Instruction;
typedef struct {
  const u8 *start;
  u64 length;
} Bytes;
typedef struct {
  const Bytes *seeds;
  u64 count;
} Signer;
typedef struct {
  u64 slot;
  i64 epoch_start;
  u64 epoch, leader_schedule_epoch;
  i64 now;
} Clock;
typedef struct {
  u64 lamports_per_byte;
  u64 threshold; /* a double: see rent_of */
  u64 burned;
} Rent;

extern u64 sol_memcpy_(void *to, const void *from, u64 length);
extern u64 sol_memset_(void *to, u8 value, u64 length);
extern u64 sol_memcmp_(const void *one, const void *other, u64 length, int *result);
extern u64 sol_sha256(const Bytes *parts, u64 count, u8 *hash);
extern u64 sol_create_program_address(const Bytes *seeds, u64 count, const u8 *program, u8 *address);
extern u64 sol_try_find_program_address(const Bytes *seeds, u64 count, const u8 *program, u8 *address, u8 *bump);
extern u64 sol_invoke_signed_c(const Instruction *instruction, const Account *accounts, u64 count,
                               const Signer *signers, u64 signer_count);
extern u64 sol_get_clock_sysvar(Clock *clock);
extern u64 sol_get_rent_sysvar(Rent *rent);

/* ---- small things ---- */

/* Returns an error of the caller's when something does not hold. */
#define REQUIRE(holds, error)                                                                                          \
  do {                                                                                                                 \
    if (!(holds)) return (error);                                                                                      \
  } while (0)

/* Passes on what a function refused. */
#define TRY(call)                                                                                                      \
  do {                                                                                                                 \
    u64 refused = (call);                                                                                              \
    if (refused != OK) return refused;                                                                                 \
  } while (0)

SECTION bool same(const void *one, const void *other, u64 length) {
  int result = 0;
  sol_memcmp_(one, other, length, &result);
  return result == 0;
}

SECTION bool same_address(const u8 *one, const u8 *other) { return same(one, other, ADDRESS); }

SECTION u32 u32_at(const u8 *bytes) {
  u32 value = 0;
  sol_memcpy_(&value, bytes, sizeof value);
  return value;
}

SECTION u64 u64_at(const u8 *bytes) {
  u64 value = 0;
  sol_memcpy_(&value, bytes, sizeof value);
  return value;
}

/* All zeros. */
static const u8 system_program[ADDRESS] = {0};
/* BPFLoaderUpgradeab1e11111111111111111111111 */
static const u8 loader[ADDRESS] = {0x02, 0xa8, 0xf6, 0x91, 0x4e, 0x88, 0xa1, 0xb0, 0xe2, 0x10, 0x15,
                                   0x3e, 0xf7, 0x63, 0xae, 0x2b, 0x00, 0xc2, 0xb9, 0x3d, 0x16, 0xc1,
                                   0x24, 0xd2, 0xc0, 0x53, 0x7a, 0x10, 0x04, 0x80, 0x00, 0x00};

/* ---- the input ---- */

typedef struct {
  Account accounts[MOST_ACCOUNTS];
  u64 count;
  const u8 *data;
  u64 length;
  const u8 *program;
} Input;

/* Room that the runtime leaves behind each account, for it to grow in. */
#define GROWTH 10240

/* Reads what the runtime hands to the entry point; false when there are more accounts than any instruction takes. */
SECTION bool read_input(u8 *at, Input *input) {
  input->count = *(u64 *)at;
  at += 8;
  if (input->count > MOST_ACCOUNTS) return false;
  for (u64 i = 0; i < input->count; i++) {
    Account *account = &input->accounts[i];
    u8 earlier = at[0];
    if (earlier != 0xff) {
      *account = input->accounts[earlier];
      at += 8;
      continue;
    }
    account->signer = at[1];
    account->writable = at[2];
    account->executable = at[3];
    account->key = at + 8;
    account->owner = at + 40;
    account->lamports = (u64 *)(at + 72);
    account->length = *(u64 *)(at + 80);
    account->data = at + 88;
    at += 88 + account->length + GROWTH;
    at = (u8 *)(((u64)at + 7) & ~7ull);
    account->rent_epoch = *(u64 *)at;
    at += 8;
  }
  input->length = *(u64 *)at;
  input->data = at + 8;
  input->program = input->data + input->length;
  return true;
}

/* Gives an account of the program another size, at most GROWTH more than it came with. */
SECTION void resize(Account *account, u64 length) {
  *(u64 *)(account->data - 8) = length;
  account->length = length;
}

/* ---- derived accounts ---- */

/* Lamports that keep an account of this size for ever. The threshold is a double that clusters have at 2 years, and
   some at 1 (SIMD-0194); there is no arithmetic with doubles here. 0 when it is anything else. */
SECTION u64 rent_of(u64 length) {
  Rent rent;
  if (sol_get_rent_sysvar(&rent) != OK) return 0;
  u64 years = rent.threshold == 0x4000000000000000ull ? 2 : rent.threshold == 0x3ff0000000000000ull ? 1 : 0;
  return (128 + length) * rent.lamports_per_byte * years;
}

/* What becomes an account of this program: its address signs with these seeds, the bump last among them. */
typedef struct {
  const Account *payer, *account;
  u64 length;
  Signer signer;
} Creation;

/* Creates an account at a derived address. Whoever sent lamports there before does not hinder it, as the system
   program's own "create account" would let him. */
SECTION u64 create_account(const Input *input, const Creation *creation, u64 no_rent) {
  const u8 *key = creation->account->key;
  u64 rent = rent_of(creation->length);
  REQUIRE(rent != 0, no_rent);
  u64 there = *creation->account->lamports;
  if (there < rent) {
    struct {
      u32 tag, low, high;
    } transfer = {2, (u32)(rent - there), (u32)((rent - there) >> 32)};
    Use uses[] = {{creation->payer->key, true, true}, {key, true, false}};
    Instruction call = {system_program, uses, 2, (u8 *)&transfer, 12};
    TRY(sol_invoke_signed_c(&call, input->accounts, input->count, 0, 0));
  }
  Use uses[] = {{key, true, true}};
  struct {
    u32 tag, low, high;
  } allocate = {8, (u32)creation->length, (u32)(creation->length >> 32)};
  Instruction allocation = {system_program, uses, 1, (u8 *)&allocate, 12};
  TRY(sol_invoke_signed_c(&allocation, input->accounts, input->count, &creation->signer, 1));
  struct {
    u32 tag;
    u8 owner[ADDRESS];
  } assign = {.tag = 1};
  sol_memcpy_(assign.owner, input->program, ADDRESS);
  Instruction assignment = {system_program, uses, 1, (u8 *)&assign, 36};
  return sol_invoke_signed_c(&assignment, input->accounts, input->count, &creation->signer, 1);
}
