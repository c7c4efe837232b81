-- Money that comes in and goes back: attempts to pay an order, refunds, what providers told us, and the drawers of the tills.

CREATE TABLE payments (
    id              uuid PRIMARY KEY,
    order_id        uuid NOT NULL,
    order_number    text NOT NULL,
    account_id      uuid,                        -- the buyer: an account,
    guest_id        uuid,                        -- or who holds a guest token
    attempt_no      smallint NOT NULL CHECK (attempt_no >= 1),
    method          smallint NOT NULL CHECK (method BETWEEN 1 AND 6),  -- 1 cash, 2 bank_transfer, 3 cod, 4 vnpay, 5 mock, 6 card
    status          smallint NOT NULL DEFAULT 1 CHECK (status BETWEEN 1 AND 6),  -- 1 pending, 2 processing, 3 completed, 4 failed, 5 cancelled, 6 review
    amount          bigint NOT NULL CHECK (amount BETWEEN 0 AND 9000000000000000),
    currency        char(3) NOT NULL,
    captured        bigint NOT NULL DEFAULT 0 CHECK (captured >= 0),
    refunded        bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),   -- refunds that are under way or done
    authorized      boolean NOT NULL DEFAULT false,                    -- the gateway holds the money, it is not captured yet
    reference       text COLLATE "C" NOT NULL UNIQUE,                  -- ours: in bank messages and at gateways
    provider_ref    text COLLATE "C",                                  -- theirs
    failure_code    text,
    redirect_url    text,
    qr_text         text,
    tendered        bigint,
    cash_session_id uuid,
    payer_address   text,
    expires_at      timestamptz,
    -- When a node looks after it next (creates it at its gateway, asks what became of it, gives it up); null: nobody has to.
    next_step_at    timestamptz,
    steps           int NOT NULL DEFAULT 0,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    updated_by      uuid,
    CHECK (refunded <= captured),
    CHECK (status = 3 OR status = 6 OR captured = 0)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX payments_attempts ON payments (order_id, attempt_no);
-- An order waits for one payment at a time.
CREATE UNIQUE INDEX payments_open ON payments (order_id) WHERE status IN (1, 2);
CREATE INDEX payments_due ON payments (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX payments_newest ON payments (created_at DESC, id DESC);
CREATE INDEX payments_of_session ON payments (cash_session_id) WHERE cash_session_id IS NOT NULL;

CREATE TABLE refunds (
    id              uuid PRIMARY KEY,                                  -- and the key of its repeats at the gateway
    payment_id      uuid NOT NULL REFERENCES payments (id),
    order_id        uuid NOT NULL,
    amount          bigint NOT NULL CHECK (amount > 0),
    currency        char(3) NOT NULL,
    status          smallint NOT NULL DEFAULT 1 CHECK (status BETWEEN 1 AND 4),  -- 1 pending, 2 processing, 3 completed, 4 failed
    reason          text NOT NULL,
    automatic       boolean NOT NULL DEFAULT false,                    -- money that came too late, twice or in a wrong amount
    provider_ref    text COLLATE "C",
    failure_code    text,
    cash_session_id uuid,
    next_step_at    timestamptz,
    steps           int NOT NULL DEFAULT 0,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    updated_by      uuid
);
CREATE INDEX refunds_of_payment ON refunds (payment_id, created_at);
CREATE INDEX refunds_due ON refunds (next_step_at) WHERE next_step_at IS NOT NULL;

-- What providers told us, stored before anything is done about it. Only what carries a good signature gets here.
CREATE TABLE webhook_events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    method       smallint NOT NULL CHECK (method BETWEEN 1 AND 6),
    event_id     text COLLATE "C" NOT NULL,
    raw          bytea NOT NULL,
    headers      text NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz,
    outcome      text,                                                 -- applied, unchanged, review, unmatched
    next_step_at timestamptz,                                          -- not acted upon yet: when to try again
    steps        int NOT NULL DEFAULT 0,
    node         text NOT NULL,
    UNIQUE (method, event_id)
);
CREATE INDEX webhook_events_due ON webhook_events (next_step_at) WHERE next_step_at IS NOT NULL;

-- The drawer of a till, from its opening float to its count.
CREATE TABLE cash_sessions (
    id             uuid PRIMARY KEY,
    till           text COLLATE "C" NOT NULL CHECK (till <> ''),
    cashier_id     uuid,
    status         smallint NOT NULL DEFAULT 1 CHECK (status IN (1, 2)),          -- 1 open, 2 closed
    recovery       boolean NOT NULL DEFAULT false,    -- opened by a sale that found no open session
    currency       char(3) NOT NULL,
    opening_float  bigint NOT NULL CHECK (opening_float >= 0),
    expected       bigint,                            -- at closing: what the movements leave
    counted        bigint CHECK (counted >= 0),
    notes_value    bigint[],                          -- the count by denominations
    notes_count    bigint[],
    note           text,
    z_number       bigint,                            -- of the till, without gaps
    approved_by    uuid,                              -- who accepted a large difference
    closed_by      uuid,
    opened_at      timestamptz NOT NULL DEFAULT now(),
    closed_at      timestamptz,
    version        bigint NOT NULL DEFAULT 1,
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CHECK ((status = 2) = (closed_at IS NOT NULL)),
    CHECK ((status = 2) = (counted IS NOT NULL)),
    UNIQUE (till, z_number)
);
CREATE UNIQUE INDEX cash_sessions_open ON cash_sessions (till, currency) WHERE status = 1;
CREATE INDEX cash_sessions_newest ON cash_sessions (opened_at DESC, id DESC);

CREATE TABLE cash_movements (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES cash_sessions (id),
    kind       smallint NOT NULL CHECK (kind BETWEEN 1 AND 5),   -- 1 float, 2 sale, 3 refund, 4 in, 5 out
    amount     bigint NOT NULL,                                  -- with the sign it has in the drawer
    payment_id uuid,
    refund_id  uuid,
    reason     text,
    actor      uuid,
    node       text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    CHECK (CASE WHEN kind IN (3, 5) THEN amount <= 0 ELSE amount >= 0 END)
);
CREATE INDEX cash_movements_of_session ON cash_movements (session_id, id);

-- Takes an amount out of what a payment may still give back; false: there is not so much, or the payment brought nothing.
CREATE FUNCTION payment_take_refund(payment uuid, x bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.payments SET refunded = refunded + x, version = version + 1, updated_at = now()
     WHERE id = payment AND status IN (3, 6) AND x > 0 AND refunded + x <= captured;
    RETURN FOUND;
END $$;
-- Puts it back, when a refund did not come about.
CREATE FUNCTION payment_return_refund(payment uuid, x bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.payments SET refunded = refunded - x, version = version + 1, updated_at = now()
     WHERE id = payment AND refunded >= x;
    RETURN FOUND;
END $$;

-- The open session of a till, held so that it cannot be closed before the caller commits. With `recover` a till without one gets a
-- session of its own: a sale that has happened is written down, whatever the book says. Null: none is open.
CREATE FUNCTION cash_session_for(till_name text, money_currency char(3), recover boolean, new_id uuid, seller uuid) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    found uuid;
BEGIN
    FOR tries IN 1..3 LOOP
        SELECT id INTO found FROM public.cash_sessions WHERE till = till_name AND currency = money_currency AND status = 1 FOR SHARE;
        EXIT WHEN found IS NOT NULL OR NOT recover;
        INSERT INTO public.cash_sessions (id, till, cashier_id, recovery, currency, opening_float)
        VALUES (new_id, till_name, seller, true, money_currency, 0) ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN found;
END $$;

-- Writes down a payment that is complete: a counter sale. Cash falls into the drawer of the till; a shop that names no till keeps no drawers.
-- False: cash, and the till has no open session and `recover` is false; nothing was written. Payments by other means need no session, but stand
-- in its report if there is one.
CREATE FUNCTION record_counter_payment(payment uuid, of_order uuid, number text, buyer uuid, how smallint, due bigint, money_currency char(3), given bigint,
                                       till_name text, recover boolean, new_session uuid, seller uuid, at_node text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    session uuid;
    attempt smallint;
BEGIN
    IF till_name IS NOT NULL THEN
        session := public.cash_session_for(till_name, money_currency, recover AND how = 1, new_session, seller);
        IF session IS NULL AND how = 1 THEN
            RETURN false;
        END IF;
    END IF;
    SELECT coalesce(max(attempt_no), 0) + 1 INTO attempt FROM public.payments WHERE order_id = of_order;
    INSERT INTO public.payments (id, order_id, order_number, account_id, attempt_no, method, status, amount, currency, captured, reference, tendered,
                                 cash_session_id, updated_by)
    VALUES (payment, of_order, number, buyer, attempt, how, 3, due, money_currency, due,
            upper(regexp_replace(number, '[^0-9A-Za-z]', '', 'g')) || 'T' || attempt, given, session, seller);
    IF how = 1 AND session IS NOT NULL THEN
        INSERT INTO public.cash_movements (session_id, kind, amount, payment_id, actor, node) VALUES (session, 2, due, payment, seller, at_node);
    END IF;
    RETURN true;
END $$;
