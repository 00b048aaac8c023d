/*
 * A time lock for programs: M of N members approve, a delay passes by the cluster's clock, then any of them executes.
 * It holds the authority of programs and buffers in a vault, an address that this program alone signs for, and there
 * is no instruction with which the vault writes into a buffer: what was proposed cannot be changed. A buffer's address
 * can be used again, though, once the buffer is spent, so the bytes are hashed at the execution too.
 *
 * docs/programs.md tells the states; the numbers of instructions, kinds, states, limits and errors come from
 * chain/plan/solana/timelock/interface.json, as INSTRUCTION_, KIND_, STATE_, LIMIT_ and ERROR_.
 */
#include "state.h"

/* accounts: payer, create key, time lock, system program; data: rules */
static u64 create(const Input *input) {
  REQUIRE(input->count == 4, ERROR_MISSING_ACCOUNTS);
  const Account *payer = &input->accounts[0], *key = &input->accounts[1], *account = &input->accounts[2];
  REQUIRE(payer->signer && key->signer, ERROR_NOT_SIGNED);
  REQUIRE(account->length == 0, ERROR_ALREADY_EXISTS);
  Rules rules;
  TRY(read_rules(input->data + 1, input->length - 1, &rules));
  u8 bump, vault_bump, derived[ADDRESS], vault[ADDRESS];
  Bytes seeds[] = {{timelock_tag, 8}, {key->key, ADDRESS}, {&bump, 1}};
  sol_try_find_program_address(seeds, 2, input->program, derived, &bump);
  REQUIRE(same_address(derived, account->key), ERROR_WRONG_ADDRESS);
  Bytes vault_seeds[] = {{vault_tag, 5}, {account->key, ADDRESS}};
  sol_try_find_program_address(vault_seeds, 2, input->program, vault, &vault_bump);
  Creation creation = {payer, account, sizeof(Timelock), {seeds, 3}};
  TRY(create_account(input, &creation, ERROR_NO_SYSVAR));
  Timelock *timelock = (Timelock *)account->data;
  sol_memcpy_(timelock->tag, timelock_tag, 8);
  timelock->layout = LAYOUT;
  timelock->bump = bump;
  timelock->vault_bump = vault_bump;
  sol_memcpy_(timelock->create_key, key->key, ADDRESS);
  sol_memcpy_(&timelock->rules, &rules, sizeof(Rules));
  return OK;
}

/* What is proposed is possible now; fills in the action. Accounts from 5 on depend on the kind. */
static u64 read_action(const Input *input, const u8 *vault, Proposal *proposal) {
  const Account *given = &input->accounts[5];
  const u8 *data = input->data + 2;
  u64 length = input->length - 2;
  proposal->kind = input->data[1];
  switch (proposal->kind) {
    case KIND_UPGRADE: {
      REQUIRE(input->count == 9, ERROR_MISSING_ACCOUNTS);
      REQUIRE(length == 32, ERROR_MALFORMED_INSTRUCTION);
      TRY(check_upgrade(&given[0], &given[1], &given[2], vault, data));
      sol_memcpy_(proposal->upgrade.program, given[0].key, ADDRESS);
      sol_memcpy_(proposal->upgrade.buffer, given[2].key, ADDRESS);
      sol_memcpy_(proposal->upgrade.spill, given[3].key, ADDRESS);
      sol_memcpy_(proposal->upgrade.hash, data, 32);
      return OK;
    }
    case KIND_HAND_OVER: {
      REQUIRE(input->count == 7, ERROR_MISSING_ACCOUNTS);
      REQUIRE(length == 0, ERROR_MALFORMED_INSTRUCTION);
      TRY(check_handover(&given[0], vault));
      sol_memcpy_(proposal->handover.account, given[0].key, ADDRESS);
      sol_memcpy_(proposal->handover.authority, given[1].key, ADDRESS);
      return OK;
    }
    case KIND_CHANGE_RULES:
      REQUIRE(input->count == 5, ERROR_MISSING_ACCOUNTS);
      return read_rules(data, length, &proposal->rules);
    default:
      return ERROR_MALFORMED_INSTRUCTION;
  }
}

/* accounts: proposer, payer, time lock, proposal, system program, …; data: kind, … */
static u64 propose(const Input *input) {
  REQUIRE(input->count >= 5, ERROR_MISSING_ACCOUNTS);
  REQUIRE(input->length >= 2, ERROR_MALFORMED_INSTRUCTION);
  const Account *proposer = &input->accounts[0], *payer = &input->accounts[1], *account = &input->accounts[3];
  const Account *timelock_account = &input->accounts[2];
  TRY(check_timelock(input, timelock_account));
  Timelock *timelock = (Timelock *)timelock_account->data;
  u32 bit;
  TRY(check_member(proposer, &timelock->rules, &bit));
  REQUIRE(payer->signer, ERROR_NOT_SIGNED);
  u8 vault[ADDRESS];
  TRY(vault_of(input, timelock_account, vault));
  Clock clock;
  REQUIRE(sol_get_clock_sysvar(&clock) == OK, ERROR_NO_SYSVAR);

  Proposal made;
  sol_memset_(&made, 0, sizeof made);
  TRY(read_action(input, vault, &made));
  sol_memcpy_(made.tag, proposal_tag, 8);
  made.layout = LAYOUT;
  made.state = STATE_OPEN;
  made.index = timelock->proposals;
  made.proposed_at = clock.now;
  sol_memcpy_(made.timelock, timelock_account->key, ADDRESS);
  sol_memcpy_(made.proposer, proposer->key, ADDRESS);
  Bytes seeds[] = {{proposal_tag, 8}, {timelock_account->key, ADDRESS}, {(u8 *)&made.index, 8}, {&made.bump, 1}};
  u8 derived[ADDRESS];
  sol_try_find_program_address(seeds, 3, input->program, derived, &made.bump);
  REQUIRE(same_address(derived, account->key), ERROR_WRONG_ADDRESS);
  REQUIRE(account->length == 0, ERROR_ALREADY_EXISTS);
  Creation creation = {payer, account, sizeof(Proposal), {seeds, 4}};
  TRY(create_account(input, &creation, ERROR_NO_SYSVAR));
  sol_memcpy_(account->data, &made, sizeof made);
  timelock->proposals += 1;
  return OK;
}

/* What every vote begins with. accounts: member, time lock, proposal */
static u64 check_vote(const Input *input, u32 *bit) {
  REQUIRE(input->count >= 3, ERROR_MISSING_ACCOUNTS);
  TRY(check_timelock(input, &input->accounts[1]));
  TRY(check_proposal(input, &input->accounts[2], &input->accounts[1]));
  const Timelock *timelock = (const Timelock *)input->accounts[1].data;
  TRY(check_member(&input->accounts[0], &timelock->rules, bit));
  return check_alive(timelock, (const Proposal *)input->accounts[2].data);
}

static u32 count_of(u32 bits) {
  u32 count = 0;
  for (; bits != 0; bits &= bits - 1) count++;
  return count;
}

static u64 approve(const Input *input) {
  u32 bit;
  TRY(check_vote(input, &bit));
  const Timelock *timelock = (const Timelock *)input->accounts[1].data;
  Proposal *proposal = (Proposal *)input->accounts[2].data;
  REQUIRE((proposal->approvals & bit) == 0, ERROR_ALREADY_APPROVED);
  REQUIRE((proposal->cancellations & bit) == 0, ERROR_ALREADY_CANCELLED);
  proposal->approvals |= bit;
  if (proposal->state != STATE_OPEN || count_of(proposal->approvals) < timelock->rules.threshold) return OK;
  Clock clock;
  REQUIRE(sol_get_clock_sysvar(&clock) == OK, ERROR_NO_SYSVAR);
  proposal->state = STATE_APPROVED;
  proposal->approved_at = clock.now;
  return OK;
}

/* As many members cancel as could have withheld the approval; the proposer alone as long as it is not approved. */
static u64 cancel(const Input *input) {
  u32 bit;
  TRY(check_vote(input, &bit));
  const Rules *rules = &((const Timelock *)input->accounts[1].data)->rules;
  Proposal *proposal = (Proposal *)input->accounts[2].data;
  REQUIRE((proposal->cancellations & bit) == 0, ERROR_ALREADY_CANCELLED);
  proposal->cancellations |= bit;
  bool open = proposal->state == STATE_OPEN;
  if (open) proposal->approvals &= ~bit;
  bool withdrawn = open && same_address(proposal->proposer, input->accounts[0].key);
  u32 needed = rules->member_count - rules->threshold + 1;
  if (!withdrawn && count_of(proposal->cancellations) < needed) return OK;
  Clock clock;
  REQUIRE(sol_get_clock_sysvar(&clock) == OK, ERROR_NO_SYSVAR);
  proposal->state = STATE_CANCELLED;
  proposal->ended_at = clock.now;
  return OK;
}

/* Calls the loader in the vault's name. The vault and whoever takes over sign, nobody else. */
typedef struct {
  const Account *first;
  u64 count, written;
  u32 tag;
  const u8 *next;
} LoaderCall;

static u64 call_loader(const Input *input, const LoaderCall *call, const u8 *vault) {
  Use uses[7];
  for (u64 i = 0; i < call->count; i++) {
    const u8 *key = call->first[i].key;
    uses[i].key = key;
    uses[i].writable = i < call->written;
    uses[i].signer = same_address(key, vault) || (call->next != 0 && same_address(key, call->next));
  }
  const Account *account = &input->accounts[1];
  const Timelock *timelock = (const Timelock *)account->data;
  Bytes seeds[] = {{vault_tag, 5}, {account->key, ADDRESS}, {&timelock->vault_bump, 1}};
  Signer signer = {seeds, 3};
  Instruction instruction = {loader, uses, call->count, (const u8 *)&call->tag, 4};
  return sol_invoke_signed_c(&instruction, input->accounts, input->count, &signer, 1);
}

/* accounts: …, program data, program, buffer, spill, rent, clock, vault, loader */
static u64 execute_upgrade(const Input *input, const Upgrade *upgrade, const u8 *vault) {
  REQUIRE(input->count == 11, ERROR_MISSING_ACCOUNTS);
  const Account *given = &input->accounts[3];
  REQUIRE(same_address(given[1].key, upgrade->program), ERROR_WRONG_PROGRAM);
  REQUIRE(same_address(given[2].key, upgrade->buffer), ERROR_WRONG_BUFFER);
  REQUIRE(same_address(given[3].key, upgrade->spill), ERROR_WRONG_SPILL);
  REQUIRE(same_address(given[6].key, vault), ERROR_WRONG_VAULT);
  REQUIRE(same_address(given[7].key, loader), ERROR_WRONG_LOADER);
  TRY(check_upgrade(&given[1], &given[0], &given[2], vault, upgrade->hash));
  LoaderCall call = {given, 7, 4, 3, 0};
  return call_loader(input, &call, vault);
}

/* accounts: …, buffer or program data, vault, new authority, loader */
static u64 execute_handover(const Input *input, const Handover *handover, const u8 *vault) {
  REQUIRE(input->count == 7, ERROR_MISSING_ACCOUNTS);
  const Account *given = &input->accounts[3];
  REQUIRE(same_address(given[0].key, handover->account), ERROR_WRONG_ACCOUNT);
  REQUIRE(same_address(given[1].key, vault), ERROR_WRONG_VAULT);
  REQUIRE(same_address(given[2].key, handover->authority), ERROR_WRONG_NEW_AUTHORITY);
  REQUIRE(given[2].signer, ERROR_NOT_SIGNED);
  REQUIRE(same_address(given[3].key, loader), ERROR_WRONG_LOADER);
  TRY(check_handover(&given[0], vault));
  LoaderCall call = {given, 3, 1, 7, handover->authority};
  return call_loader(input, &call, vault);
}

/* Makes all proposals stale that were made so far, this one among them. */
static u64 change_rules(const Input *input, const Rules *rules) {
  REQUIRE(input->count == 3, ERROR_MISSING_ACCOUNTS);
  Timelock *timelock = (Timelock *)input->accounts[1].data;
  sol_memcpy_(&timelock->rules, rules, sizeof(Rules));
  timelock->first_valid = timelock->proposals;
  return OK;
}

/* accounts: member, time lock, proposal, … */
static u64 execute(const Input *input) {
  u32 bit;
  TRY(check_vote(input, &bit));
  const Timelock *timelock = (const Timelock *)input->accounts[1].data;
  Proposal *proposal = (Proposal *)input->accounts[2].data;
  REQUIRE(proposal->state == STATE_APPROVED, ERROR_NOT_APPROVED);
  Clock clock;
  REQUIRE(sol_get_clock_sysvar(&clock) == OK, ERROR_NO_SYSVAR);
  i64 ready = proposal->approved_at + timelock->rules.delay;
  REQUIRE(clock.now >= ready, ERROR_TOO_EARLY);
  REQUIRE(clock.now <= ready + timelock->rules.grace, ERROR_EXPIRED);
  u8 vault[ADDRESS];
  TRY(vault_of(input, &input->accounts[1], vault));
  proposal->state = STATE_EXECUTED;
  proposal->ended_at = clock.now;
  switch (proposal->kind) {
    case KIND_UPGRADE:
      return execute_upgrade(input, &proposal->upgrade, vault);
    case KIND_HAND_OVER:
      return execute_handover(input, &proposal->handover, vault);
    case KIND_CHANGE_RULES:
      return change_rules(input, &proposal->rules);
    default:
      return ERROR_FOREIGN_PROPOSAL;
  }
}

u64 entrypoint(u8 *bytes) {
  Input input;
  REQUIRE(read_input(bytes, &input), ERROR_MISSING_ACCOUNTS);
  REQUIRE(input.length >= 1, ERROR_MALFORMED_INSTRUCTION);
  switch (input.data[0]) {
    case INSTRUCTION_CREATE:
      return create(&input);
    case INSTRUCTION_PROPOSE:
      return propose(&input);
    case INSTRUCTION_APPROVE:
      REQUIRE(input.count == 3, ERROR_MISSING_ACCOUNTS);
      return approve(&input);
    case INSTRUCTION_CANCEL:
      REQUIRE(input.count == 3, ERROR_MISSING_ACCOUNTS);
      return cancel(&input);
    case INSTRUCTION_EXECUTE:
      return execute(&input);
    default:
      return ERROR_MALFORMED_INSTRUCTION;
  }
}
