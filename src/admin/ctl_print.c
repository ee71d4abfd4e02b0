/*
 * ctl_print.c - output of the commands of the control socket.
 *
 * Runs in: admin.
 * Owns: nothing.
 */
#include <stdarg.h>
#include <stdio.h>

#include "admin/ctl.h"
#include "base/clock.h"
#include "base/crypto.h"

#define CTL_STR_MAX	4096		/* longer text is cut */

void
ctl_print(struct ctl_call *call, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)buf_vprintf(&call->out, fmt, ap);
	va_end(ap);
}

enum ctl_next
ctl_error(struct ctl_call *call, int status, const char *fmt, ...)
{
	va_list ap;

	call->exit = status;
	va_start(ap, fmt);
	(void)buf_vprintf(&call->err, fmt, ap);
	va_end(ap);
	(void)buf_addc(&call->err, '\n');
	return CTL_DONE;
}

void
ctl_print_json(struct ctl_call *call, struct json_object *o)
{
	(void)json_write(&call->out, o);
	(void)buf_addc(&call->out, '\n');
	json_object_put(o);
}

void
ctl_span(int64_t us, char out[CTL_SPAN_SIZE])
{
	long long s = us / CLOCK_US_S;

	if (us < 0)
		snprintf(out, CTL_SPAN_SIZE, "-");
	else if (s >= 86400)
		snprintf(out, CTL_SPAN_SIZE, "%lldd %lldh", s / 86400,
		    s % 86400 / 3600);
	else if (s >= 3600)
		snprintf(out, CTL_SPAN_SIZE, "%lldh %lldm", s / 3600,
		    s % 3600 / 60);
	else if (s >= 60)
		snprintf(out, CTL_SPAN_SIZE, "%lldm %llds", s / 60, s % 60);
	else if (s >= 1)
		snprintf(out, CTL_SPAN_SIZE, "%llds", s);
	else
		snprintf(out, CTL_SPAN_SIZE, "%lldms", (long long)us / 1000);
}

void
ctl_bytes(uint64_t n, char out[CTL_SPAN_SIZE])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double v = (double)n / 1024;
	int u = 0;

	if (n < 1024) {
		snprintf(out, CTL_SPAN_SIZE, "%llu B", (unsigned long long)n);
		return;
	}
	while (v >= 1024 && u < 3) {
		v /= 1024;
		u++;
	}
	snprintf(out, CTL_SPAN_SIZE, "%.1f %s", v, units[u]);
}

void
ctl_time(int64_t real_us, char out[CTL_SPAN_SIZE])
{
	char text[CLOCK_RFC3339_SIZE];

	if (real_us == 0) {
		snprintf(out, CTL_SPAN_SIZE, "-");
		return;
	}
	clock_local3339(real_us, text);
	text[10] = ' ';
	snprintf(out, CTL_SPAN_SIZE, "%.19s", text);
}

/* Length of the UTF-8 sequence at p (n > 0 bytes left), 0 when malformed. */
static size_t
ctl_utf8(const unsigned char *p, size_t n)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 :
	    p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0, i;

	if (len == 0 || len > n)
		return 0;
	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* Text with '?' for what is no UTF-8. */
static struct json_object *
ctl_clean(struct str s)
{
	char clean[CTL_STR_MAX];
	size_t i = 0, len, k = 0;

	while (i < s.n && k + 4 < sizeof(clean)) {
		len = ctl_utf8((const unsigned char *)s.p + i, s.n - i);
		if (len == 0) {
			clean[k++] = '?';
			i++;
			continue;
		}
		memcpy(clean + k, s.p + i, len);
		k += len;
		i += len;
	}
	return json_object_new_string_len(clean, (int)k);
}

void
ctl_set_str(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, ctl_clean(str_of(value)));
}

void
ctl_set_problems(struct json_object *o, const char *key, const char *text)
{
	struct json_object *list = json_object_new_array();
	struct str rest = str_of(text), line;

	while (str_split(&rest, '\n', &line))
		if (line.n > 0 && !str_starts(line, STR("configuration ")))
			json_object_array_add(list, ctl_clean(line));
	json_object_object_add(o, key, list);
}

void
ctl_set_int(struct json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

void
ctl_set_bool(struct json_object *o, const char *key, int value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void
ctl_set_time(struct json_object *o, const char *key, int64_t real_us)
{
	char text[CLOCK_RFC3339_SIZE];

	if (real_us == 0) {
		json_object_object_add(o, key, NULL);
		return;
	}
	clock_rfc3339(real_us, text);
	json_object_object_add(o, key, json_object_new_string(text));
}

void
ctl_key_id(const unsigned char id[8], char out[CTL_KEYID_SIZE])
{
	crypto_hex(out, id, 6);
}

/* One thing of a list: a text, or a budget. */
static void
ctl_print_item(struct ctl_call *call, struct json_object *v)
{
	struct str amount, period;

	if (!json_object_is_type(v, json_type_object)) {
		ctl_print(call, "%s", v == NULL ? "-" :
		    json_object_get_string(v));
		return;
	}
	amount = json_get_str(v, "amount");
	period = json_get_str(v, "period");
	ctl_print(call, "%.*s/%.*s", STR_ARG(amount), STR_ARG(period));
}

void
ctl_print_member(struct ctl_call *call, const char *name,
    struct json_object *v)
{
	size_t i, n;

	ctl_print(call, "%-18s ", name);
	if (!json_object_is_type(v, json_type_array)) {
		ctl_print_item(call, v);
	} else {
		n = json_object_array_length(v);
		for (i = 0; i < n; i++) {
			ctl_print(call, "%s", i > 0 ? ", " : "");
			ctl_print_item(call, json_object_array_get_idx(v, i));
		}
		if (n == 0)
			ctl_print(call, "-");
	}
	ctl_print(call, "\n");
}
