# Files of the state layer.
noinst_LIBRARIES += libstate.a
libstate_a_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS)
libstate_a_SOURCES = \
	src/lib/state/addr_book.c src/lib/state/addr_book.h \
	src/lib/state/alive.c src/lib/state/alive.h \
	src/lib/state/ballast.c src/lib/state/ballast.h \
	src/lib/state/calendar.c src/lib/state/calendar.h \
	src/lib/state/checkpoint.c src/lib/state/checkpoint.h \
	src/lib/state/copy.c \
	src/lib/state/db.c src/lib/state/db.h src/lib/state/db_priv.h \
	src/lib/state/db_audit.c \
	src/lib/state/db_care.c \
	src/lib/state/db_key.c src/lib/state/db_key.h \
	src/lib/state/key.c src/lib/state/key.h \
	src/lib/state/key_pack.c src/lib/state/key_pack.h \
	src/lib/state/limit_rec.c src/lib/state/limit_rec.h \
	src/lib/state/models.c src/lib/state/models.h \
	src/lib/state/open.c src/lib/state/open.h \
	src/lib/state/open_dead.c src/lib/state/open_file.h \
	src/lib/state/pack.h \
	src/lib/state/parts.c \
	src/lib/state/places.c \
	src/lib/state/prepare.c \
	src/lib/state/rec.h \
	src/lib/state/reserve.c \
	src/lib/state/ring.c \
	src/lib/state/schema.c src/lib/state/schema.h \
	src/lib/state/sessions.c src/lib/state/sessions.h \
	src/lib/state/slide.c \
	src/lib/state/spool.c src/lib/state/spool.h \
	src/lib/state/state.c src/lib/state/state.h src/lib/state/state_priv.h \
	src/lib/state/sums.c src/lib/state/sums.h \
	src/lib/state/totals.c src/lib/state/totals.h \
	src/lib/state/upkey.c src/lib/state/upkey.h \
	src/lib/state/upkey_change.c \
	src/lib/state/usage.c src/lib/state/usage.h \
	src/lib/state/verify.c \
	src/lib/state/window.c src/lib/state/window.h
