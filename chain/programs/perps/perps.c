/*
 * A small exchange of perpetual futures: what pausing, closing, returning funds, upgrading and rolling back are
 * rehearsed on. Positions win from and lose to a pool, which must be able to pay whatever they may win: so closing at
 * the mark price never fails for lack of money. Money is lamports, all of it in the exchange's account:
 *
 *     lamports of the exchange = its rent + tvl + pool     tvl = all collateral + all margins
 *
 * RELEASE 2 appends a count of settlements to user accounts and reads those of release 1; release 1 refuses accounts
 * of layout 2. Numbers come from interface.json, as INSTRUCTION_, MODE_, SIDE_ and ERROR_.
 */
#include "state.h"

/* ---- setting up ---- */

/* accounts: payer, admin, exchange, program, program data, system program; data: relayer, guardian, limits.
   The first admin is the program's upgrade authority, so nobody else can be first. */
static u64 initialise(const Input *input, const u8 *data) {
  const Account *given = input->accounts, *admin = &given[1], *exchange = &given[2];
  REQUIRE(admin->signer, ERROR_NOT_SIGNED);
  REQUIRE(same_address(given[3].key, input->program) && given[3].length >= 36, ERROR_NOT_AUTHORITY);
  REQUIRE(same_address(given[3].data + 4, given[4].key) && same_address(given[4].owner, loader), ERROR_NOT_AUTHORITY);
  REQUIRE(given[4].length >= 45 && given[4].data[12] == 1, ERROR_NOT_AUTHORITY);
  REQUIRE(same_address(given[4].data + 13, admin->key), ERROR_NOT_AUTHORITY);
  Bytes seeds[2] = {{exchange_seed, sizeof exchange_seed}};
  Making making = {&given[0], exchange, seeds, 1, exchange_tag, 1, sizeof(Exchange)};
  TRY(make_account(input, &making));
  Exchange *made = exchange_at(exchange);
  made->limited = 1;
  sol_memcpy_(made->roles.admin, admin->key, ADDRESS);
  sol_memcpy_(made->roles.relayer, data, 2 * ADDRESS);
  sol_memcpy_(&made->limits, data + 2 * ADDRESS, sizeof(Limits));
  return OK;
}

/* accounts: payer, admin, exchange, market, system program; data: symbol, price */
static u64 create_market(const Input *input, const u8 *data) {
  const Account *given = input->accounts, *market = &given[3];
  TRY(check_exchange(input, &given[2]));
  TRY(check_signer(&given[1], exchange_at(&given[2])->roles.admin, ERROR_NOT_ADMIN));
  REQUIRE(u64_at(data + 16) != 0, ERROR_NO_PRICE);
  Bytes seeds[3] = {{market_seed, sizeof market_seed}, {data, 16}};
  Making making = {&given[0], market, seeds, 2, market_tag, 1, sizeof(Market)};
  TRY(make_account(input, &making));
  Clock clock;
  REQUIRE(sol_get_clock_sysvar(&clock) == OK, ERROR_NO_SYSVAR);
  Market *made = (Market *)market->data;
  sol_memcpy_(made->symbol, data, 16);
  made->price = u64_at(data + 16);
  made->marked_at = clock.now;
  return OK;
}

/* accounts: relayer, exchange, market; data: price */
static u64 set_mark(const Input *input, const u8 *data) {
  const Account *given = input->accounts;
  TRY(check_exchange(input, &given[1]));
  TRY(check_signer(&given[0], exchange_at(&given[1])->roles.relayer, ERROR_NOT_RELAYER));
  TRY(check_market(input, &given[2]));
  REQUIRE(u64_at(data) != 0, ERROR_NO_PRICE);
  Clock clock;
  REQUIRE(sol_get_clock_sysvar(&clock) == OK, ERROR_NO_SYSVAR);
  Market *market = (Market *)given[2].data;
  market->price = u64_at(data);
  market->marked_at = clock.now;
  return OK;
}

/* ---- users ---- */

/* accounts: owner, exchange, user, system program */
static u64 open_account(const Input *input) {
  const Account *given = input->accounts, *owner = &given[0], *user = &given[2];
  TRY(check_exchange(input, &given[1]));
  Exchange *exchange = exchange_at(&given[1]);
  REQUIRE(exchange->mode == MODE_RUNNING, ERROR_PAUSED);
  REQUIRE(!exchange->limited || exchange->users < exchange->limits.max_users, ERROR_TOO_MANY_USERS);
  Bytes seeds[3] = {{user_seed, sizeof user_seed}, {owner->key, ADDRESS}};
  Making making = {owner, user, seeds, 2, user_tag, USER_LAYOUT, USER_LENGTH};
  TRY(make_account(input, &making));
  sol_memcpy_(((User *)user->data)->owner, owner->key, ADDRESS);
  exchange->users += 1;
  return OK;
}

/* The user's account belongs to whoever signs. */
static u64 check_owned(const Input *input, const Account *user, const Account *owner) {
  TRY(check_user(input, user));
  return check_signer(owner, ((const User *)user->data)->owner, ERROR_NOT_OWNER);
}

/* accounts: owner, exchange, user, system program; data: amount */
static u64 deposit(const Input *input, const u8 *data) {
  const Account *given = input->accounts;
  TRY(check_exchange(input, &given[1]));
  TRY(check_owned(input, &given[2], &given[0]));
  Exchange *exchange = exchange_at(&given[1]);
  User *user = (User *)given[2].data;
  u64 amount = u64_at(data);
  REQUIRE(exchange->mode == MODE_RUNNING, ERROR_PAUSED);
  REQUIRE(amount != 0, ERROR_NOTHING);
  REQUIRE(amount <= most - exchange->tvl && amount <= most - user->deposited, ERROR_TOO_LITTLE);
  if (exchange->limited) {
    REQUIRE(user->deposited + amount <= exchange->limits.max_deposit, ERROR_TOO_MUCH_DEPOSIT);
    REQUIRE(exchange->tvl + amount <= exchange->limits.max_tvl, ERROR_TOO_MUCH_TVL);
  }
  TRY(pay_in(input, &given[0], &given[1], amount));
  user->deposited += amount;
  user->collateral += amount;
  exchange->tvl += amount;
  return OK;
}

/* accounts: owner, exchange, user; data: amount */
static u64 withdraw(const Input *input, const u8 *data) {
  const Account *given = input->accounts;
  TRY(check_exchange(input, &given[1]));
  TRY(check_owned(input, &given[2], &given[0]));
  Exchange *exchange = exchange_at(&given[1]);
  User *user = (User *)given[2].data;
  u64 amount = u64_at(data);
  REQUIRE(exchange->mode != MODE_STOPPED, ERROR_PAUSED);
  REQUIRE(amount != 0, ERROR_NOTHING);
  REQUIRE(amount <= user->collateral, ERROR_TOO_LITTLE);
  user->collateral -= amount;
  user->deposited -= least_of(user->deposited, amount);
  exchange->tvl -= amount;
  pay_out(&given[1], &given[0], amount);
  return OK;
}

/* ---- positions ---- */

/* Brings a position to the mark price: what it won or lost since then goes between pool and margin. It cannot win more
   than its size, which the pool keeps for it, nor lose more than its margin. */
static void settle_at(Exchange *exchange, Position *position, u64 price) {
  u64 moved = price > position->entry ? price - position->entry : position->entry - price;
  bool wins = (price > position->entry) == (position->side == SIDE_LONG);
  u64 initial = (u64)((i64)position->margin - position->settled);
  u64 change = scaled(position->size, moved, position->entry);
  i64 total = wins ? (i64)least_of(change, position->size) : -(i64)least_of(change, initial);
  i64 now = total - position->settled;
  position->margin = (u64)((i64)position->margin + now);
  position->settled = total;
  exchange->tvl = (u64)((i64)exchange->tvl + now);
  exchange->pool = (u64)((i64)exchange->pool - now);
  exchange->reserved = (u64)((i64)exchange->reserved - now);
}

/* Ends a settled position: its margin is the user's again, its rent the owner's. */
static void end_position(Exchange *exchange, User *user, Account *account, const Account *owner) {
  const Position *position = (const Position *)account->data;
  user->collateral += position->margin;
  user->positions -= 1;
  exchange->positions -= 1;
  exchange->reserved -= (u64)((i64)position->size - position->settled);
  unmake_account(account, owner);
}

/* accounts: owner, relayer, exchange, market, user, position, system program; data: side, leverage, size */
static u64 open_position(const Input *input, const u8 *data) {
  const Account *given = input->accounts, *account = &given[5];
  TRY(check_exchange(input, &given[2]));
  TRY(check_market(input, &given[3]));
  TRY(check_owned(input, &given[4], &given[0]));
  Exchange *exchange = exchange_at(&given[2]);
  TRY(check_signer(&given[1], exchange->roles.relayer, ERROR_NOT_RELAYER));
  REQUIRE(exchange->mode == MODE_RUNNING, ERROR_PAUSED);
  User *user = (User *)given[4].data;
  u8 side = data[0], leverage = data[1];
  u64 size = u64_at(data + 2);
  REQUIRE(side == SIDE_LONG || side == SIDE_SHORT, ERROR_UNKNOWN_SIDE);
  REQUIRE(size != 0, ERROR_NOTHING);
  REQUIRE(leverage >= 1 && leverage <= 100, ERROR_TOO_MUCH_LEVERAGE);
  if (exchange->limited) {
    REQUIRE(size <= exchange->limits.max_position, ERROR_TOO_LARGE_POSITION);
    REQUIRE(leverage <= exchange->limits.max_leverage, ERROR_TOO_MUCH_LEVERAGE);
  }
  u64 margin = size / leverage + (size % leverage != 0);
  REQUIRE(margin <= user->collateral, ERROR_TOO_LITTLE);
  REQUIRE(size <= exchange->pool - exchange->reserved, ERROR_POOL_TOO_SMALL);
  Bytes seeds[4] = {{position_seed, sizeof position_seed}, {given[4].key, ADDRESS}, {given[3].key, ADDRESS}};
  Making making = {&given[0], account, seeds, 3, position_tag, 1, sizeof(Position)};
  TRY(make_account(input, &making));
  Position *position = (Position *)account->data;
  position->side = side;
  position->leverage = leverage;
  sol_memcpy_(position->user, given[4].key, ADDRESS);
  sol_memcpy_(position->market, given[3].key, ADDRESS);
  position->size = size;
  position->margin = margin;
  position->entry = ((const Market *)given[3].data)->price;
  user->collateral -= margin;
  user->positions += 1;
  exchange->positions += 1;
  exchange->reserved += size;
  return OK;
}

/* A position with all that belongs to it. */
typedef struct {
  Account *exchange, *market, *user, *position, *owner;
} Held;

static u64 check_held(const Input *input, const Held *held) {
  TRY(check_exchange(input, held->exchange));
  TRY(check_market(input, held->market));
  TRY(check_user(input, held->user));
  TRY(check_position(input, held->position, held->user, held->market));
  REQUIRE(same_address(((const User *)held->user->data)->owner, held->owner->key), ERROR_NOT_OWNER);
  return OK;
}

static void close_held(const Held *held) {
  Exchange *exchange = exchange_at(held->exchange);
  settle_at(exchange, (Position *)held->position->data, ((const Market *)held->market->data)->price);
  end_position(exchange, (User *)held->user->data, held->position, held->owner);
}

/* accounts: owner, relayer, exchange, market, user, position */
static u64 close_position(Input *input) {
  Account *given = input->accounts;
  Held held = {&given[2], &given[3], &given[4], &given[5], &given[0]};
  TRY(check_held(input, &held));
  REQUIRE(given[0].signer, ERROR_NOT_SIGNED);
  const Exchange *exchange = exchange_at(&given[2]);
  TRY(check_signer(&given[1], exchange->roles.relayer, ERROR_NOT_RELAYER));
  REQUIRE(exchange->mode != MODE_STOPPED, ERROR_PAUSED);
  close_held(&held);
  return OK;
}

/* accounts: relayer, exchange, market, user, position, owner. A position whose margin is gone ends here. */
static u64 settle(Input *input) {
  Account *given = input->accounts;
  Held held = {&given[1], &given[2], &given[3], &given[4], &given[5]};
  TRY(check_held(input, &held));
  Exchange *exchange = exchange_at(held.exchange);
  TRY(check_signer(&given[0], exchange->roles.relayer, ERROR_NOT_RELAYER));
  REQUIRE(exchange->mode == MODE_RUNNING, ERROR_PAUSED);
  User *user = (User *)held.user->data;
  Position *position = (Position *)held.position->data;
  settle_at(exchange, position, ((const Market *)held.market->data)->price);
#if RELEASE > 1
  if (user->layout >= 2) user->settlements += 1;
#endif
  if (position->margin == 0) end_position(exchange, user, held.position, held.owner);
  return OK;
}

/* ---- in an emergency ---- */

/* accounts: guardian or admin, exchange; data: mode */
static u64 pause(const Input *input, const u8 *data) {
  const Account *given = input->accounts;
  TRY(check_exchange(input, &given[1]));
  Exchange *exchange = exchange_at(&given[1]);
  REQUIRE(given[0].signer, ERROR_NOT_SIGNED);
  REQUIRE(same_address(given[0].key, exchange->roles.guardian) || same_address(given[0].key, exchange->roles.admin),
          ERROR_NOT_GUARDIAN);
  REQUIRE(data[0] == MODE_WITHDRAWALS_ONLY || data[0] == MODE_STOPPED, ERROR_UNKNOWN_MODE);
  exchange->mode = data[0];
  return OK;
}

/* The admin signs, and the exchange is paused. accounts: admin, exchange, … */
static u64 check_emergency(const Input *input) {
  const Account *given = input->accounts;
  TRY(check_exchange(input, &given[1]));
  const Exchange *exchange = exchange_at(&given[1]);
  TRY(check_signer(&given[0], exchange->roles.admin, ERROR_NOT_ADMIN));
  REQUIRE(exchange->mode != MODE_RUNNING, ERROR_NOT_PAUSED);
  return OK;
}

static u64 resume(const Input *input) {
  TRY(check_emergency(input));
  exchange_at(&input->accounts[1])->mode = MODE_RUNNING;
  return OK;
}

/* accounts: admin, exchange, market, user, position, owner */
static u64 close_at_mark(Input *input) {
  Account *given = input->accounts;
  TRY(check_emergency(input));
  Held held = {&given[1], &given[2], &given[3], &given[4], &given[5]};
  TRY(check_held(input, &held));
  close_held(&held);
  return OK;
}

/* accounts: admin, exchange, user, owner. All that the user has goes to the owner, and the account ends with its rent:
   so no account of a newer layout is left for an older release. */
static u64 return_funds(Input *input) {
  Account *given = input->accounts;
  TRY(check_emergency(input));
  TRY(check_user(input, &given[2]));
  Exchange *exchange = exchange_at(&given[1]);
  const User *user = (const User *)given[2].data;
  REQUIRE(same_address(user->owner, given[3].key), ERROR_NOT_OWNER);
  REQUIRE(user->positions == 0, ERROR_OPEN_POSITIONS);
  exchange->tvl -= user->collateral;
  exchange->users -= 1;
  pay_out(&given[1], &given[3], user->collateral);
  unmake_account(&given[2], &given[3]);
  return OK;
}

/* ---- the admin's ---- */

static u64 check_admin(const Input *input) {
  TRY(check_exchange(input, &input->accounts[1]));
  return check_signer(&input->accounts[0], exchange_at(&input->accounts[1])->roles.admin, ERROR_NOT_ADMIN);
}

/* accounts: admin, exchange; data: limited, limits */
static u64 set_limits(const Input *input, const u8 *data) {
  TRY(check_admin(input));
  REQUIRE(data[0] <= 1, ERROR_MALFORMED_INSTRUCTION);
  Exchange *exchange = exchange_at(&input->accounts[1]);
  exchange->limited = data[0];
  sol_memcpy_(&exchange->limits, data + 1, sizeof(Limits));
  return OK;
}

/* accounts: admin, exchange; data: roles */
static u64 set_roles(const Input *input, const u8 *data) {
  TRY(check_admin(input));
  sol_memcpy_(&exchange_at(&input->accounts[1])->roles, data, sizeof(Roles));
  return OK;
}

/* accounts: funder, exchange, system program; data: amount */
static u64 fund_pool(const Input *input, const u8 *data) {
  const Account *given = input->accounts;
  TRY(check_exchange(input, &given[1]));
  REQUIRE(given[0].signer, ERROR_NOT_SIGNED);
  u64 amount = u64_at(data);
  REQUIRE(amount != 0, ERROR_NOTHING);
  TRY(pay_in(input, &given[0], &given[1], amount));
  exchange_at(&given[1])->pool += amount;
  return OK;
}

/* accounts: admin, exchange, recipient; data: amount. What positions may win stays. */
static u64 withdraw_pool(const Input *input, const u8 *data) {
  TRY(check_admin(input));
  const Account *given = input->accounts;
  Exchange *exchange = exchange_at(&given[1]);
  u64 amount = u64_at(data);
  REQUIRE(amount != 0, ERROR_NOTHING);
  REQUIRE(amount <= exchange->pool - exchange->reserved, ERROR_TOO_LITTLE);
  exchange->pool -= amount;
  pay_out(&given[1], &given[2], amount);
  return OK;
}

#if RELEASE > 1
/* accounts: payer, exchange, user, system program. Makes an account of layout 1 one of layout 2; anybody may pay. */
static u64 migrate_user(Input *input) {
  Account *given = input->accounts;
  TRY(check_exchange(input, &given[1]));
  TRY(check_user(input, &given[2]));
  REQUIRE(given[0].signer, ERROR_NOT_SIGNED);
  REQUIRE(given[2].length == USER_1, ERROR_NOTHING_TO_MIGRATE);
  u64 rent = rent_of(sizeof(User));
  REQUIRE(rent != 0, ERROR_NO_SYSVAR);
  u64 there = *given[2].lamports;
  if (there < rent) TRY(pay_in(input, &given[0], &given[2], rent - there));
  resize(&given[2], sizeof(User));
  User *user = (User *)given[2].data;
  user->layout = 2;
  user->settlements = 0;
  return OK;
}
#endif

/* An instruction's accounts and arguments are as many as it takes, no more. */
#define TAKES(accounts, bytes)                                                                                         \
  REQUIRE(input.count == (accounts), ERROR_MISSING_ACCOUNTS);                                                          \
  REQUIRE(input.length == 1 + (bytes), ERROR_MALFORMED_INSTRUCTION)

u64 entrypoint(u8 *bytes) {
  Input input;
  REQUIRE(read_input(bytes, &input), ERROR_MISSING_ACCOUNTS);
  REQUIRE(input.length >= 1, ERROR_MALFORMED_INSTRUCTION);
  const u8 *data = input.data + 1;
  switch (input.data[0]) {
    case INSTRUCTION_INITIALISE:
      TAKES(6, 2 * ADDRESS + sizeof(Limits));
      return initialise(&input, data);
    case INSTRUCTION_CREATE_MARKET:
      TAKES(5, 24);
      return create_market(&input, data);
    case INSTRUCTION_SET_MARK:
      TAKES(3, 8);
      return set_mark(&input, data);
    case INSTRUCTION_OPEN_ACCOUNT:
      TAKES(4, 0);
      return open_account(&input);
    case INSTRUCTION_DEPOSIT:
      TAKES(4, 8);
      return deposit(&input, data);
    case INSTRUCTION_WITHDRAW:
      TAKES(3, 8);
      return withdraw(&input, data);
    case INSTRUCTION_OPEN_POSITION:
      TAKES(7, 10);
      return open_position(&input, data);
    case INSTRUCTION_CLOSE_POSITION:
      TAKES(6, 0);
      return close_position(&input);
    case INSTRUCTION_SETTLE:
      TAKES(6, 0);
      return settle(&input);
    case INSTRUCTION_PAUSE:
      TAKES(2, 1);
      return pause(&input, data);
    case INSTRUCTION_RESUME:
      TAKES(2, 0);
      return resume(&input);
    case INSTRUCTION_CLOSE_AT_MARK:
      TAKES(6, 0);
      return close_at_mark(&input);
    case INSTRUCTION_RETURN_FUNDS:
      TAKES(4, 0);
      return return_funds(&input);
    case INSTRUCTION_SET_LIMITS:
      TAKES(2, 1 + sizeof(Limits));
      return set_limits(&input, data);
    case INSTRUCTION_FUND_POOL:
      TAKES(3, 8);
      return fund_pool(&input, data);
    case INSTRUCTION_WITHDRAW_POOL:
      TAKES(3, 8);
      return withdraw_pool(&input, data);
    case INSTRUCTION_SET_ROLES:
      TAKES(2, sizeof(Roles));
      return set_roles(&input, data);
#if RELEASE > 1
    case INSTRUCTION_MIGRATE_USER:
      TAKES(4, 0);
      return migrate_user(&input);
#endif
    default:
      return ERROR_MALFORMED_INSTRUCTION;
  }
}
