/*
 * One call, two workers, one coordinator that may crash: the rules of leases and acknowledgements,
 * from schemas/PROTOCOL.md. Every order of events is tried. Messages may be lost; reports are
 * repeated until they are acknowledged; a lease may run out at any moment, which stands for any
 * delay.
 *
 * Left out: HELLO (everybody is known), CANCEL (only saves work), credit, backoff.
 *
 * What must never happen:
 *   1. a result is forgotten by its worker before it is durable
 *   2. a call is granted while a lease on it runs and its worker is at work
 *   3. a call is granted although its answer is stored or staged
 *   4. a call is stored twice
 *   5. an attempt number comes twice
 *
 * Variants that must fail: NO_FENCE (a FAIL counts whichever attempt it speaks of), ACK_EARLY (the
 * acknowledgement does not wait for the commit).
 */

#define WORKERS 2
#define GRANTS 2 /* most grants of one epoch; with 3 there are more than ten million states */
#define EPOCHS 2

mtype = { GRANT, ACK, RESULT, FAIL, RENEW };
mtype = { IDLE, WORKING, HOLDS_RESULT, HOLDS_FAILURE };

chan up = [2] of { mtype, byte, byte };      /* kind, worker, attempt */
chan down[WORKERS] = [1] of { mtype, byte }; /* kind, attempt */

/* The store, which a crash spares. */
bool durable;
byte epoch = 1;

/* The coordinator's memory. */
bool staged;
byte counter, lease;     /* lease: the present attempt, 0: none */
byte receipt[WORKERS];   /* attempt to be acknowledged after the commit, 0: none */

/* Workers. */
mtype state[WORKERS] = IDLE;
byte holds[WORKERS]; /* attempt */
byte deaths = 1;     /* that may still happen */

/* Bookkeeping of this model alone: which lease really runs, the last attempt that was used. */
byte running, last;

inline tell(w, kind, attempt)
{
    if
    :: nfull(down[w]) -> down[w]!kind, attempt
    :: skip                                        /* lost */
    fi
}

inline report(w, kind)
{
    if
    :: nfull(up) -> up!kind, w, holds[w]
    :: skip
    fi
}

inline grant(w)
{
    counter++;
    attempt = (epoch - 1) * GRANTS + counter;
    assert(attempt > last);                                                         /* 5 */
    last = attempt;
    assert(!durable && !staged);                                                    /* 3 */
    assert(running == 0 ||
           !(state[0] == WORKING && holds[0] == running) &&
           !(state[1] == WORKING && holds[1] == running));                          /* 2 */
    lease = attempt;
    running = attempt;
    tell(w, GRANT, attempt)
}

inline acknowledge_one(w)
{
    if
    :: receipt[w] != 0 -> tell(w, ACK, receipt[w]); receipt[w] = 0
    :: else -> skip
    fi
}

inline acknowledge()
{
    acknowledge_one(0);
    acknowledge_one(1)
}

inline hear()
{
    if
    :: kind == RESULT ->
        receipt[w] = attempt;
        if
        :: !durable && !staged -> staged = true
        :: else -> skip
        fi;
        lease = 0;
        running = 0;
#ifdef ACK_EARLY
        acknowledge()
#endif
    :: kind == FAIL ->
#ifdef NO_FENCE
        lease = 0;
#else
        if
        :: lease == attempt -> lease = 0
        :: else -> skip
        fi;
#endif
        if
        :: running == attempt -> running = 0
        :: else -> skip
        fi;
        tell(w, ACK, attempt)
    :: kind == RENEW ->
        if
        :: lease == 0 && !staged && !durable -> /* from before a crash, or run out: adopted */
            lease = attempt;
            running = attempt
        :: else -> skip
        fi
    fi
}

active proctype coordinator()
{
    mtype kind;
    byte w, attempt;
end:
    do
    :: atomic { lease == 0 && !staged && !durable && counter < GRANTS ->
        if
        :: w = 0
        :: w = 1
        fi;
        grant(w);
        w = 0; attempt = 0 }
    :: atomic { lease != 0 -> lease = 0; running = 0 }   /* it runs out */
    :: atomic { up?kind, w, attempt -> hear(); w = 0; attempt = 0 }
    :: atomic { staged ->                                /* the commit, then the receipts */
        assert(!durable);                                                           /* 4 */
        durable = true;
        staged = false;
        acknowledge() }
    :: atomic { durable && receipt[0] + receipt[1] > 0 -> acknowledge() } /* stored already */
    :: atomic { epoch < EPOCHS ->                        /* kill -9, and a new process */
        epoch++;
        counter = 0;
        staged = false;
        lease = 0;
        running = 0;
        receipt[0] = 0;
        receipt[1] = 0 }
    od
}

proctype worker(byte me)
{
    mtype kind;
    byte attempt;
end:
    do
    :: atomic { down[me]?kind, attempt ->
        if
        :: kind == GRANT && state[me] == IDLE -> state[me] = WORKING; holds[me] = attempt
        :: kind == ACK && holds[me] == attempt && state[me] == HOLDS_RESULT ->
            assert(durable);                                                        /* 1 */
            state[me] = IDLE; holds[me] = 0
        :: kind == ACK && holds[me] == attempt && state[me] == HOLDS_FAILURE ->
            state[me] = IDLE; holds[me] = 0
        :: else -> skip
        fi;
        attempt = 0 }
    :: atomic { state[me] == WORKING -> state[me] = HOLDS_RESULT; report(me, RESULT) }
    :: atomic { state[me] == WORKING -> state[me] = HOLDS_FAILURE; report(me, FAIL) }
    :: atomic { state[me] == WORKING -> report(me, RENEW) }
    :: atomic { state[me] == HOLDS_RESULT -> report(me, RESULT) }
    :: atomic { state[me] == HOLDS_FAILURE -> report(me, FAIL) }
    :: atomic { state[me] != IDLE && deaths > 0 ->       /* it dies and another takes its place */
        deaths--; state[me] = IDLE; holds[me] = 0 }
    od
}

init
{
    atomic { run worker(0); run worker(1) }
}
