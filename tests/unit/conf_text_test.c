/* conf_text_test.c - the strings of a text: as libconfig has them, but not in
 * its memory. */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conf/load.h"
#include "conf_help.h"

/* The string x of a text, in two ways, and the line of the setting z. */
static void
compare(const char *text)
{
	struct load l = { .tmp = arena_new(1024) };
	const char *want = NULL, *got;
	config_t c, h;
	struct buf b;

	config_init(&c);
	OK(config_read_string(&c, text));
	OK(config_lookup_string(&c, "x", &want));
	buf_init(&b, 65536);
	load_hide(&l, arena_strdup(l.tmp, text), &b);
	config_init(&h);
	OK(config_read_string(&h, buf_ptr(&b)));
	got = load_text(&l, config_lookup(&h, "x"));
	EQ_STR(got, want);
	if (config_lookup(&c, "z") != NULL)
		EQ_INT(config_setting_source_line(config_lookup(&h, "z")),
		    config_setting_source_line(config_lookup(&c, "z")));
	config_destroy(&c);
	config_destroy(&h);
	buf_free(&b);
	arena_free(&l.tmp);
}

TEST(as_libconfig_has_them)
{
	static const char *const rows[] = {
		"x = \"\";", "x = \"a\\x4gz\";", "x = \"a\\x4\";",
		"x = \"\\X41\";", "x = \"a\" \"b\"; z = 1;",
		"x = \"\" \"\" \"b\" \"\";",
		"x = \"a\" /* \"c\" */ # d\n \"b\";\nz = 2;",
		"# \"\n// \"\n/* \"\n\" */ x = \"a\" // \"q\n\"b\";\nz = 2;",
		"x = \"a\\\n\nb\"; z = \"c\nd\";",
		"x = \"#no // comment /* here */\"; z = ( \"a\"\n,\"b\" );",
		"z = \"\\\\\"; x = \"\\\"\\\\\\\"\";",
		"x\n=\n\"a\"\n\"\nb\"\n;\n\n z = 1;",
		"y=1;/**/z=2;/* *//**/x=\"a\";",
	};
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		compare(rows[i]);
	for (i = 1; i < 256; i++) {
		snprintf(text, sizeof(text), i == '"' ? "x = \"a\\%c\";" :
		    "x = \"a\\%c41z\";", (int)i);
		compare(text);
	}
}

TEST(escapes_that_are_refused)
{
	OK(conf_try("user = \"a\\X00b\";", NULL, 0) == NULL);
	SAID("a string cannot hold");
	OK(conf_try("user = \"a\\x00b\";", NULL, 0) == NULL);
	SAID("a string cannot hold");
	OK(conf_try("user = \"a\\XFFb\";", NULL, 0) == NULL);
	SAID("not UTF-8");
}

/* At the begin of a test: skipping leaves what it has. */
static void
needs_locks(void)
{
	struct secret *s = secret_room(1);
	int unlocked = secret_unlocked() > 0;

	secret_free(&s);
#ifdef SANITIZED
	unlocked = 1;		/* mlock does nothing there */
#endif
	if (unlocked || access("/proc/self/smaps", R_OK) != 0)
		tap_skip("memory cannot be locked here");
}

/* What is looked for, only ever in secret memory: "LOOKED-FOR-n". */
static struct secret *
needle(int n)
{
	struct secret *s = secret_room(12);
	char *p = secret_text(s);
	size_t i;

	for (i = 0; i < 12; i++)
		p[i] = (char)("KNNJDC,ENQ,/"[i] + 1);
	p[11] = (char)('0' + n);
	return s;
}

/* How often it stands in memory that is not locked; at most 99. */
static int
count_in_memory(struct str what)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	int mem = open("/proc/self/mem", O_RDONLY), n = 0, i;
	static struct { unsigned long from, to; } at[1024];
	unsigned long from, to;
	char line[512], mode[8];
	struct secret *copy;
	const char *p, *end;
	int k = -1;

	OK(f != NULL && mem >= 0);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 &&
		    mode[1] == 'w' && k < 1023) {
			at[++k].from = from;
			at[k].to = to;
		} else if (k >= 0 && strncmp(line, "VmFlags:", 8) == 0 &&
		    at[k].to == to && strstr(line, " lo") != NULL)
			k--;
	}
	fclose(f);
	for (i = 0; i <= k && n < 99; i++) {
		/* sanitizers have terabytes of shadow */
		if (at[i].to - at[i].from > 64 << 20)
			continue;
		copy = secret_room(at[i].to - at[i].from);
		p = secret_text(copy);
		if (pread(mem, secret_text(copy), at[i].to - at[i].from,
		    (off_t)at[i].from) < 0)
			p = NULL;
		end = secret_text(copy) + (at[i].to - at[i].from);
		while (p != NULL && n < 99 && (p = memmem(p,
		    (size_t)(end - p), what.p, what.n)) != NULL) {
			n++;
			p++;
		}
		secret_free(&copy);
	}
	close(mem);
	return n;
}

static void
put(int fd, struct str s)
{
	EQ_INT(write(fd, s.p, s.n), s.n);
}

static const char *
write_with_needles(void)
{
	static char path[512];
	static const char *const rows[] = {
		"# of old: ", "\nauth = { gateway_token = \"\\\"",
		"\"; };\nsecret_key = \"x\" \"",
		"\";\nshared = { redis = \"redis://u:",
		"@h:1\"; };\nproviders = ( { id = \"p\"; dialect = \"openai\"; "
		"base_url = \"https://h\"; keys = ( \"", "\" ); proxy = "
		"\"http://u:", "@h:1\"; headers = { x-api-key = \"",
		"\"; }; } );\nkeys = ( { name = \"k\"; secret = \"",
	};
	struct secret *s;
	int fd, i;

	snprintf(path, sizeof(path), "%s/needles.conf", tap_dir());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	OK(fd >= 0);
	for (i = 0; i < 8; i++) {
		s = needle(i);
		put(fd, str_of(rows[i]));
		put(fd, secret_reveal(s));
		secret_free(&s);
	}
	put(fd, STR("\"; } );\n"));
	close(fd);
	return path;
}

static void
none_in_memory(const char *when)
{
	struct secret *s;
	int i, n;

	for (i = 0; i < 8; i++) {
		s = needle(i);
		if ((n = count_in_memory(secret_reveal(s))) > 0)
			tap_fail(__FILE__, __LINE__, "%s: needle %d stands "
			    "%d times in open memory", when, i, n);
		secret_free(&s);
	}
}

TEST(the_search_finds)
{
	struct secret *s;
	char *open_copy;

	needs_locks();
	s = needle(9);
	open_copy = strdup(secret_text(s));
	OK(count_in_memory(secret_reveal(s)) >= 1);
	secret_wipe(open_copy, strlen(open_copy));
	free(open_copy);
	EQ_INT(count_in_memory(secret_reveal(s)), 0);
	secret_free(&s);
}

/* Deep enough for the search not to tread on it. */
static void __attribute__((noinline))
leave_on_stack(struct str what)
{
	char below[16384];

	memcpy(below, what.p, what.n);
	__asm__ volatile("" :: "r"(below) : "memory");
}

TEST(the_stack_is_burned)
{
	struct secret *s;

	needs_locks();
	s = needle(9);
	leave_on_stack(secret_reveal(s));
	OK(count_in_memory(secret_reveal(s)) > 0);
	secret_burn_stack();
	EQ_INT(count_in_memory(secret_reveal(s)), 0);
	secret_free(&s);
}

TEST(nothing_outside_of_locked_memory)
{
	struct conf *c;
	struct secret *s;

	needs_locks();
	c = conf_must(conf_try_path(write_with_needles()));
	s = needle(6);
	none_in_memory("loaded");
	OK(secret_mapped() <= 64 * 1024);	/* the file's text is gone */
	EQ_STR(c->providers[0].header_values.v[0], secret_text(s));
	OK(strstr(c->providers[0].proxy, "LOOKED") != NULL);
	secret_free(&s);
	conf_free(&c);
	none_in_memory("freed");
}

TEST(a_share_has_them_behind_its_text)
{
	struct conf *c, *w;
	struct conf_source from = { .child = 1, .resolve = 1 };
	size_t n;
	struct buf b;

	needs_locks();
	c = conf_must(conf_try_path(write_with_needles()));
	buf_init(&b, 1 << 20);
	EQ_INT(conf_share(c, BOARD_WORKER, &b), 0);
	from.text = buf_ptr(&b);
	n = strlen(from.text);
	from.secrets = str_skip(buf_str(&b), n + 1);
	OK(strstr(from.text, "LOOKED") == NULL);
	OK(from.secrets.n > 0);
	w = conf_must(conf_from(&from));
	EQ_STR(w->providers[0].header_values.v[0],
	    c->providers[0].header_values.v[0]);
	EQ_STR(w->providers[0].proxy, c->providers[0].proxy);
	EQ_S(secret_reveal(w->providers[0].keys[0].key),
	    secret_reveal(c->providers[0].keys[0].key).p);
	secret_wipe(b.data, b.cap);
	buf_free(&b);
	none_in_memory("shared");
	conf_free(&w);
	conf_free(&c);
}

TAP_BEGIN
TAP_ROW(as_libconfig_has_them)
TAP_ROW(escapes_that_are_refused)
TAP_ROW(the_search_finds)
TAP_ROW(the_stack_is_burned)
TAP_ROW(nothing_outside_of_locked_memory)
TAP_ROW(a_share_has_them_behind_its_text)
TAP_END
