/*
 * What the exchange keeps in its accounts, how they are checked, made and ended, and how lamports move.
 */
#pragma once

#include "../sbpf.h"

typedef struct {
  u64 max_users, max_tvl, max_deposit, max_position, max_leverage;
} Limits;

typedef struct {
  u8 admin[ADDRESS], relayer[ADDRESS], guardian[ADDRESS];
} Roles;

typedef struct {
  u8 tag[8];
  u8 layout, bump, mode, limited, unused[4];
  Roles roles;
  Limits limits;
  u64 users, tvl, pool, reserved, positions;
} Exchange;

typedef struct {
  u8 tag[8];
  u8 layout, bump, unused[6];
  u8 symbol[16];
  u64 price; /* of one, in millionths */
  i64 marked_at;
} Market;

typedef struct {
  u8 tag[8];
  u8 layout, bump, unused[6];
  u8 owner[ADDRESS];
  u64 deposited;  /* paid in and not taken out again: what the beta limits */
  u64 collateral; /* free; margins are in the positions */
  u64 positions;
  u64 settlements; /* from layout 2 on */
} User;

typedef struct {
  u8 tag[8];
  u8 layout, bump, side, leverage, unused[4];
  u8 user[ADDRESS], market[ADDRESS];
  u64 size;    /* lamports at the price of entry: also the most that it can win */
  u64 margin;  /* lamports, with what was settled so far */
  u64 entry;   /* price */
  i64 settled; /* profit, or loss, that is in the margin already */
} Position;

#define USER_1 (sizeof(User) - sizeof(u64))
_Static_assert(sizeof(Exchange) == 192 && sizeof(Market) == 48 && sizeof(User) == 80 && sizeof(Position) == 112,
               "interface.json describes these");
#if RELEASE == 1
#define USER_LAYOUT 1
#define USER_LENGTH USER_1
#else
#define USER_LAYOUT 2
#define USER_LENGTH sizeof(User)
#endif

static const u8 exchange_tag[8] = {'p', 'e', 'r', 'p', 'e', 'x', 'c', 'h'};
static const u8 market_tag[8] = {'p', 'e', 'r', 'p', 'm', 'a', 'r', 'k'};
static const u8 user_tag[8] = {'p', 'e', 'r', 'p', 'u', 's', 'e', 'r'};
static const u8 position_tag[8] = {'p', 'e', 'r', 'p', 'p', 'o', 's', 'n'};
static const u8 exchange_seed[] = {'e', 'x', 'c', 'h', 'a', 'n', 'g', 'e'};
static const u8 market_seed[] = {'m', 'a', 'r', 'k', 'e', 't'};
static const u8 user_seed[] = {'u', 's', 'e', 'r'};
static const u8 position_seed[] = {'p', 'o', 's', 'i', 't', 'i', 'o', 'n'};

/* ---- numbers ---- */

static const u64 most = ~0ull;

static u64 least_of(u64 one, u64 other) { return one < other ? one : other; }

/* a * b / c rounded down, over 128 bits; the largest number where it does not fit. There is no such division here. */
static u64 scaled(u64 a, u64 b, u64 c) {
  u64 low_a = a & 0xffffffff, high_a = a >> 32, low_b = b & 0xffffffff, high_b = b >> 32;
  u64 low = low_a * low_b, middle = high_a * low_b + (low >> 32), other = low_a * high_b + (middle & 0xffffffff);
  u64 high = high_a * high_b + (middle >> 32) + (other >> 32);
  low = (other << 32) | (low & 0xffffffff);
  if (high == 0) return low / c;
  if (high >= c) return most;
  u64 quotient = 0;
  for (u64 bit = 0; bit < 64; bit++) {
    u64 carry = high >> 63;
    high = (high << 1) | (low >> 63);
    low <<= 1;
    quotient <<= 1;
    if (carry != 0 || high >= c) {
      high -= c;
      quotient |= 1;
    }
  }
  return quotient;
}

/* ---- accounts of this program ---- */

/* Nobody but this program makes accounts of its own, and only where the seeds lead: owner, tag and size are enough. */
static u64 check_own(const Input *input, const Account *account, const u8 *tag, u64 length) {
  REQUIRE(same_address(account->owner, input->program) && account->length >= 16, ERROR_FOREIGN_ACCOUNT);
  REQUIRE(same(account->data, tag, 8), ERROR_FOREIGN_ACCOUNT);
  REQUIRE(account->data[8] == 1 && account->length == length, ERROR_UNKNOWN_LAYOUT);
  return OK;
}

static u64 check_exchange(const Input *input, const Account *account) {
  return check_own(input, account, exchange_tag, sizeof(Exchange));
}

static u64 check_market(const Input *input, const Account *account) {
  return check_own(input, account, market_tag, sizeof(Market));
}

static u64 check_user(const Input *input, const Account *account) {
#if RELEASE > 1
  if (account->length == sizeof(User) && account->data[8] == 2) {
    REQUIRE(same_address(account->owner, input->program), ERROR_FOREIGN_ACCOUNT);
    REQUIRE(same(account->data, user_tag, 8), ERROR_FOREIGN_ACCOUNT);
    return OK;
  }
#endif
  return check_own(input, account, user_tag, USER_1);
}

/* The position is that user's in that market. */
static u64 check_position(const Input *input, const Account *account, const Account *user, const Account *market) {
  TRY(check_own(input, account, position_tag, sizeof(Position)));
  const Position *position = (const Position *)account->data;
  REQUIRE(same_address(position->user, user->key) && same_address(position->market, market->key),
          ERROR_FOREIGN_ACCOUNT);
  return OK;
}

static Exchange *exchange_at(const Account *account) { return (Exchange *)account->data; }

static u64 check_signer(const Account *account, const u8 *wanted, u64 otherwise) {
  REQUIRE(account->signer, ERROR_NOT_SIGNED);
  REQUIRE(same_address(account->key, wanted), otherwise);
  return OK;
}

/* Makes an account of this program where the seeds lead. They have room for the bump at their end. */
typedef struct {
  const Account *payer, *account;
  Bytes *seeds;
  u64 seed_count;
  const u8 *tag;
  u8 layout;
  u64 length;
} Making;

static u64 make_account(const Input *input, const Making *making) {
  u8 bump, derived[ADDRESS];
  REQUIRE(making->payer->signer, ERROR_NOT_SIGNED);
  REQUIRE(sol_try_find_program_address(making->seeds, making->seed_count, input->program, derived, &bump) == OK,
          ERROR_WRONG_ADDRESS);
  REQUIRE(same_address(derived, making->account->key), ERROR_WRONG_ADDRESS);
  REQUIRE(making->account->length == 0, ERROR_ALREADY_EXISTS);
  making->seeds[making->seed_count].start = &bump;
  making->seeds[making->seed_count].length = 1;
  Creation creation = {making->payer, making->account, making->length, {making->seeds, making->seed_count + 1}};
  TRY(create_account(input, &creation, ERROR_NO_SYSVAR));
  sol_memcpy_(making->account->data, making->tag, 8);
  making->account->data[8] = making->layout;
  making->account->data[9] = bump;
  return OK;
}

/* Ends an account of this program; its rent goes to whom it belongs. */
static void unmake_account(Account *account, const Account *to) {
  *to->lamports += *account->lamports;
  *account->lamports = 0;
  sol_memset_(account->data, 0, account->length);
  resize(account, 0);
  sol_memset_(account->owner, 0, ADDRESS);
}

/* Lamports from whoever signs into an account of this program. */
static u64 pay_in(const Input *input, const Account *from, const Account *to, u64 amount) {
  struct {
    u32 tag, low, high;
  } transfer = {2, (u32)amount, (u32)(amount >> 32)};
  Use uses[] = {{from->key, true, true}, {to->key, true, false}};
  Instruction call = {system_program, uses, 2, (u8 *)&transfer, 12};
  return sol_invoke_signed_c(&call, input->accounts, input->count, 0, 0);
}

static void pay_out(const Account *exchange, const Account *to, u64 amount) {
  *exchange->lamports -= amount;
  *to->lamports += amount;
}
