/*
 * counters.h - the numbers that every process counts, one row each.
 *
 * Row: C (counter) or G (gauge), field, metric name, help. The metric name is
 * what /metrics shows; a counter only grows, also when its process dies (the
 * master adds the dead slot to the retired sums). aigw-metrics.7 lists them.
 */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#define COUNTER_LIST(C, G)						\
	C(conns_accepted, "aigw_connections_accepted_total",		\
	    "Client connections accepted.")				\
	G(conns_open, "aigw_connections_open",				\
	    "Client connections open now.")				\
	G(conns_idle, "aigw_connections_idle",				\
	    "Client connections idle between requests.")		\
	C(requests, "aigw_requests_total",				\
	    "Requests whose head was read.")				\
	G(requests_active, "aigw_requests_active",			\
	    "Requests under way.")					\
	G(streams_active, "aigw_streams_active",			\
	    "Streaming answers under way.")				\
	C(requests_ok, "aigw_requests_ok_total",			\
	    "Requests answered below 400.")				\
	C(requests_client_error, "aigw_requests_client_error_total",	\
	    "Requests answered 4xx.")					\
	C(requests_server_error, "aigw_requests_server_error_total",	\
	    "Requests answered 5xx.")					\
	C(requests_aborted, "aigw_requests_aborted_total",		\
	    "Requests whose client went away.")				\
	C(bad_requests, "aigw_bad_requests_total",			\
	    "Requests refused by the HTTP parser.")			\
	C(auth_failures, "aigw_auth_failures_total",			\
	    "Requests with a missing or unknown key.")			\
	C(limited, "aigw_limited_total",				\
	    "Requests refused by a limit.")				\
	C(limited_shadow, "aigw_limited_shadow_total",			\
	    "Requests that a limit would have refused (limits.shadow).") \
	C(buffer_refused, "aigw_buffer_refused_total",			\
	    "Requests refused because client.buffer_budget was used up.") \
	C(conns_refused, "aigw_connections_refused_total",		\
	    "Connections refused because of client.max_connections.")	\
	C(overload_refused, "aigw_overload_refused_total",		\
	    "Requests refused because the worker was overloaded.")	\
	C(bytes_in, "aigw_client_bytes_received_total",			\
	    "Body bytes received from clients.")			\
	C(bytes_out, "aigw_client_bytes_sent_total",			\
	    "Bytes sent to clients.")					\
	C(attempts, "aigw_upstream_attempts_total",			\
	    "Requests sent to providers.")				\
	C(attempts_failed, "aigw_upstream_attempts_failed_total",	\
	    "Attempts that failed and went elsewhere or ended.")	\
	C(failovers, "aigw_failovers_total",				\
	    "Requests that went to a further candidate.")		\
	C(ejections, "aigw_upstream_ejections_total",			\
	    "Targets that were found slow and went last.")		\
	G(ejected, "aigw_upstream_ejected",				\
	    "Targets that are last for being slow, each worker's own.")	\
	C(upstream_conns, "aigw_upstream_connections_total",		\
	    "Connections opened to providers.")				\
	C(upstream_reused, "aigw_upstream_connections_reused_total",	\
	    "Attempts on a kept connection.")				\
	G(upstream_open, "aigw_upstream_connections_open",		\
	    "Connections to providers open now.")			\
	C(resends, "aigw_upstream_resends_total",			\
	    "Requests repeated on a fresh connection.")			\
	C(tokens_in, "aigw_input_tokens_total",				\
	    "Input tokens accounted.")					\
	C(tokens_out, "aigw_output_tokens_total",			\
	    "Output tokens accounted.")					\
	C(cost_micro, "aigw_cost_microdollars_total",			\
	    "Cost accounted, in millionths of a dollar.")		\
	C(usage_estimated, "aigw_usage_estimated_total",		\
	    "Answers whose usage had to be estimated.")			\
	C(usage_interrupted, "aigw_usage_interrupted_total",		\
	    "Requests charged at an estimate: their worker died.")	\
	C(usage_unpriced, "aigw_usage_unpriced_total",			\
	    "Answers charged at the default price.")			\
	C(spool_written, "aigw_spool_written_total",			\
	    "Usage records written to the spool.")			\
	C(spool_drained, "aigw_spool_drained_total",			\
	    "Usage records moved to the ledger.")			\
	G(ledger_refusing, "aigw_ledger_refusing",			\
	    "1 while the ledger takes no usage records.")		\
	G(spool_bytes, "aigw_spool_bytes",				\
	    "Bytes of usage records not yet in the ledger.")		\
	C(state_rounds, "aigw_state_transactions_total",		\
	    "Write transactions on the hot state.")			\
	C(state_acts, "aigw_state_acts_total",				\
	    "State acts applied.")					\
	G(turn_max_us, "aigw_loop_turn_max_microseconds",		\
	    "Longest turn of an event loop so far.")			\
	G(turn_cpu_max_us, "aigw_loop_turn_cpu_max_microseconds",	\
	    "Most processor time that a turn can have taken so far.")	\
	C(turns_long, "aigw_loop_turns_long_total",			\
	    "Turns of an event loop that took more than 20 ms.")	\
	C(turns_cpu_long, "aigw_loop_turns_cpu_long_total",		\
	    "Turns that took more than 20 ms of processor time.")	\
	C(stalls, "aigw_process_stalls_total",				\
	    "Times that a process did not turn its loop for seconds.")	\
	G(buffers_bytes, "aigw_buffer_bytes",				\
	    "Bodies and answers held in memory, output for slow clients too.") \
	C(latency_us, "aigw_request_duration_microseconds_sum",		\
	    "Sum of request durations.")				\
	C(probes, "aigw_probes_total",					\
	    "Probes of providers and keys.")				\
	C(probes_failed, "aigw_probes_failed_total",			\
	    "Probes that failed.")

enum counter {
#define X(field, name, help) CTR_##field,
	COUNTER_LIST(X, X)
#undef X
	CTR_COUNT
};

#endif
