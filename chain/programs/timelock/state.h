/*
 * What the time lock keeps in its accounts, and what must hold before it does anything. Every check has an error of its
 * own, and whatever is given is checked: who owns it, where it is, to what it belongs.
 */
#pragma once

#include "../sbpf.h"

#define LAYOUT 1

typedef struct {
  u8 threshold, member_count, unused[6];
  u32 delay, grace; /* seconds */
  u8 members[LIMIT_MEMBERS][ADDRESS];
} Rules;

typedef struct {
  u8 tag[8];
  u8 layout, bump, vault_bump, unused[5];
  u64 proposals;   /* how many there ever were: the number of the next one */
  u64 first_valid; /* earlier ones are stale: the rules were changed after them */
  u8 create_key[ADDRESS];
  Rules rules;
} Timelock;

typedef struct {
  u8 program[ADDRESS], buffer[ADDRESS], spill[ADDRESS], hash[32];
} Upgrade;

typedef struct {
  u8 account[ADDRESS], authority[ADDRESS];
} Handover;

typedef struct {
  u8 tag[8];
  u8 layout, bump, kind, state, unused[4];
  u64 index;
  i64 proposed_at, approved_at, ended_at; /* 0: not yet */
  u32 approvals, cancellations;           /* a bit for each member, in the order of the rules */
  u8 timelock[ADDRESS], proposer[ADDRESS];
  union {
    Upgrade upgrade;
    Handover handover;
    Rules rules;
  };
} Proposal;

_Static_assert(sizeof(Timelock) == 400 && sizeof(Proposal) == 456, "chain/plan/solana/timelock/accounts.ts reads these");

static const u8 timelock_tag[8] = {'t', 'i', 'm', 'e', 'l', 'o', 'c', 'k'};
static const u8 proposal_tag[8] = {'p', 'r', 'o', 'p', 'o', 's', 'a', 'l'};
static const u8 vault_tag[5] = {'v', 'a', 'u', 'l', 't'};

/* ---- what must hold ---- */

/* The account is a time lock of this program, at the address that follows from its seeds. */
static u64 check_timelock(const Input *input, const Account *account) {
  const Timelock *timelock = (const Timelock *)account->data;
  REQUIRE(same_address(account->owner, input->program) && account->length == sizeof(Timelock), ERROR_FOREIGN_CONFIG);
  REQUIRE(same(timelock->tag, timelock_tag, 8) && timelock->layout == LAYOUT, ERROR_FOREIGN_CONFIG);
  Bytes seeds[] = {{timelock_tag, 8}, {timelock->create_key, ADDRESS}, {&timelock->bump, 1}};
  u8 derived[ADDRESS];
  REQUIRE(sol_create_program_address(seeds, 3, input->program, derived) == OK, ERROR_WRONG_ADDRESS);
  REQUIRE(same_address(derived, account->key), ERROR_WRONG_ADDRESS);
  return OK;
}

/* The account is a proposal of this program and of that time lock, at the address that follows from its seeds. */
static u64 check_proposal(const Input *input, const Account *account, const Account *timelock) {
  const Proposal *proposal = (const Proposal *)account->data;
  REQUIRE(same_address(account->owner, input->program) && account->length == sizeof(Proposal), ERROR_FOREIGN_PROPOSAL);
  REQUIRE(same(proposal->tag, proposal_tag, 8) && proposal->layout == LAYOUT, ERROR_FOREIGN_PROPOSAL);
  REQUIRE(same_address(proposal->timelock, timelock->key), ERROR_OTHER_TIMELOCK);
  Bytes seeds[] = {{proposal_tag, 8}, {timelock->key, ADDRESS}, {(u8 *)&proposal->index, 8}, {&proposal->bump, 1}};
  u8 derived[ADDRESS];
  REQUIRE(sol_create_program_address(seeds, 4, input->program, derived) == OK, ERROR_WRONG_ADDRESS);
  REQUIRE(same_address(derived, account->key), ERROR_WRONG_ADDRESS);
  return OK;
}

/* The account signs and is a member; `bit` becomes its own. */
static u64 check_member(const Account *account, const Rules *rules, u32 *bit) {
  REQUIRE(account->signer, ERROR_NOT_SIGNED);
  for (u64 i = 0; i < rules->member_count; i++) {
    if (!same_address(account->key, rules->members[i])) continue;
    *bit = 1u << i;
    return OK;
  }
  return ERROR_NOT_A_MEMBER;
}

static u64 check_rules(const Rules *rules) {
  REQUIRE(rules->member_count >= 1 && rules->member_count <= LIMIT_MEMBERS, ERROR_BAD_MEMBERS);
  for (u64 i = 0; i < rules->member_count; i++) {
    REQUIRE(!same_address(rules->members[i], system_program), ERROR_BAD_MEMBERS);
    for (u64 j = 0; j < i; j++) REQUIRE(!same_address(rules->members[i], rules->members[j]), ERROR_BAD_MEMBERS);
  }
  REQUIRE(rules->threshold >= 1 && rules->threshold <= rules->member_count, ERROR_BAD_THRESHOLD);
  REQUIRE(rules->delay <= LIMIT_DELAY_SECONDS, ERROR_BAD_DELAY);
  REQUIRE(rules->grace >= 1 && rules->grace <= LIMIT_GRACE_SECONDS, ERROR_BAD_GRACE);
  return OK;
}

/* It was neither executed nor cancelled, and the rules are those that it was made under. */
static u64 check_alive(const Timelock *timelock, const Proposal *proposal) {
  REQUIRE(proposal->state != STATE_EXECUTED, ERROR_EXECUTED);
  REQUIRE(proposal->state != STATE_CANCELLED, ERROR_CANCELLED);
  REQUIRE(proposal->index >= timelock->first_valid, ERROR_STALE);
  return OK;
}

static u64 vault_of(const Input *input, const Account *account, u8 *vault) {
  const Timelock *timelock = (const Timelock *)account->data;
  Bytes seeds[] = {{vault_tag, 5}, {account->key, ADDRESS}, {&timelock->vault_bump, 1}};
  REQUIRE(sol_create_program_address(seeds, 3, input->program, vault) == OK, ERROR_WRONG_VAULT);
  return OK;
}

/* The kinds and headers of the upgradeable loader's accounts. */
enum { BUFFER = 1, PROGRAM = 2, PROGRAM_DATA = 3 };
enum { BUFFER_HEADER = 37, PROGRAM_SIZE = 36, PROGRAM_DATA_HEADER = 45 };

static bool is_loaders(const Account *account, u32 kind, u64 length) {
  return same_address(account->owner, loader) && account->length >= length && u32_at(account->data) == kind;
}

/* Where the loader's account has its authority: a byte that says whether there is one, and the address. */
static bool has_authority(const Account *account, u64 at, const u8 *authority) {
  return account->data[at] == 1 && same_address(account->data + at + 1, authority);
}

/* Program, its data and the buffer belong together and to the vault, and the buffer holds the bytes of that hash. */
static u64 check_upgrade(const Account *program, const Account *data, const Account *buffer, const u8 *vault,
                         const u8 *hash) {
  REQUIRE(is_loaders(program, PROGRAM, PROGRAM_SIZE), ERROR_WRONG_PROGRAM);
  REQUIRE(is_loaders(data, PROGRAM_DATA, PROGRAM_DATA_HEADER), ERROR_WRONG_PROGRAM);
  REQUIRE(same_address(program->data + 4, data->key), ERROR_WRONG_PROGRAM);
  REQUIRE(has_authority(data, 12, vault), ERROR_FOREIGN_AUTHORITY);
  REQUIRE(is_loaders(buffer, BUFFER, BUFFER_HEADER), ERROR_WRONG_BUFFER);
  REQUIRE(has_authority(buffer, 4, vault), ERROR_FOREIGN_BUFFER);
  Bytes content = {buffer->data + BUFFER_HEADER, buffer->length - BUFFER_HEADER};
  u8 found[32];
  sol_sha256(&content, 1, found);
  REQUIRE(same(found, hash, 32), ERROR_CHANGED_BUFFER);
  return OK;
}

/* The account is a buffer or a program's data, and the vault's. */
static u64 check_handover(const Account *account, const u8 *vault) {
  if (is_loaders(account, BUFFER, BUFFER_HEADER)) {
    REQUIRE(has_authority(account, 4, vault), ERROR_FOREIGN_BUFFER);
    return OK;
  }
  REQUIRE(is_loaders(account, PROGRAM_DATA, PROGRAM_DATA_HEADER), ERROR_WRONG_ACCOUNT);
  REQUIRE(has_authority(account, 12, vault), ERROR_FOREIGN_AUTHORITY);
  return OK;
}

static u64 read_rules(const u8 *data, u64 length, Rules *rules) {
  REQUIRE(length == sizeof(Rules), ERROR_MALFORMED_INSTRUCTION);
  sol_memcpy_(rules, data, sizeof(Rules));
  return check_rules(rules);
}
