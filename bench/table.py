"""Prints what was measured as a table. usage: table.py DIRECTORY JDK"""
import json, os, statistics, subprocess, sys, time

work, jdk = sys.argv[1:]
rows = []

# Why a row may miss its goal, by how it begins and what its name ends with. Figures in it were measured on 2026-11-26.
REASONS = [
    ("P1 warm sweep", "look of five checks",
     "*limit* is what the cores manage of this script without SSH and without a client. Hosts and clients share them here, so that nothing gets much above it, "
     "and a ratio to ansible is one of the script's own time, too: the row of `cat /proc/loadavg` has it without."),
    ("P3 cold sweep", "look of five checks",
     "a login and a look on the same cores. At the rates of the rows that have one alone (71 logins of P3, 36 looks of P1's *limit*), both together come to 24 a second."),
    ("P3 cold sweep", "cat /proc/loadavg",
     "asyncssh's logins, by turns with ours, are as many. At 71 a second two cores have 28 ms for a host, of which the client takes 5.8."),
    ("P2 one more check", "",
     "another file system is two more runs of df, one for space and one for inodes, each below timeout(1): ten processes (strace). The others start none or share one."),
    ("2,000 schedules", "", "it reads each object once more than the bare client, when its informer shows it, and derives each: the difference is this program's CPU, on the same cores as the API server and etcd."),
    ("P7", "", "a run that starts once and only once is some 13 requests up to its pod, five of them the operator's (audit log): status is written before its Job is let start, and again before its pod is; "
     "its start is said in an event. The API server, etcd and the controllers share the cores; CronJobs alone, with no limit that matters, need 5 s to their last Job and 9 s to its pod."),
    ("P4", "", "half of this program's CPU is the JVM's compiler, a second of it the collector (JFR)."),
    ("P6", "", "each controller has informers of its own, and the lease is looked at each second, for a failover of a second."),
    ("P5 RSS", "", "with 50 channels it is 142 MiB already, 90 of them not of files."),
    ("P5 start", "", "the bare client, a JVM without AOT cache that lists and writes at once, has its first status after 1.6 to 1.9 s."),
]

def middle(key, of):
    return statistics.median(each[key] for each in of)

def figures(part):
    """What a part has measured, and when; nothing if it was not run."""
    if os.path.exists(f"{work}/{part}.jsonl"):
        with open(f"{work}/{part}.jsonl") as file:
            found = [json.loads(line) for line in file if line.startswith("{")]
        yield from ((each, stamped(part, found)) for each in found if each["what"] == part)

def stamped(command, found):
    began = next(each for each in found if each["what"] == "load")
    return {"date": began["date"], "load": began["load"], "command": f"bench/run {command}"}

if os.path.exists(f"{work}/sweep.json"):
    with open(f"{work}/sweep.json") as file:
        rows += json.load(file)
if os.path.exists(f"{work}/operator.jsonl"):
    with open(f"{work}/operator.jsonl") as file:
        all_ = [json.loads(line) for line in file if line.startswith("{")]
    runs = [each for each in all_ if each["what"] == "operator"]
    bare = [each for each in all_ if each["what"] == "bare"]
    count = runs[0]["statuses"]
    assert all(each["ready"] == count for each in all_ if "ready" in each), "a channel has no Ready condition"
    listed = lambda key, of: ", ".join(f"{each[key]:.1f}" for each in of)
    took = lambda of: statistics.median(each["last"] - each["first"] for each in of)
    last, least = middle("last", runs), took(bare)
    stamp = stamped("operator", all_)
    go = [each for each in all_ if each["what"] == "peer"]
    def beside(value, of, figure, more=""):
        """The same of the peer, and how many times as much ours is."""
        return f"Go, controller-runtime: {figure % of(go)}{more}: {value / of(go):.2f}×" if go else "not measured"
    spent = f" ({listed('last', go)}), {middle('cpu', go):.1f} s CPU" if go else ""
    rows += [
        {"row": f"P4 {count:,} CRs, start to last status", "goal": "≤1.2× Go (10 workers); ≥40 % raw",
         "ours": f"{last:.1f} s ({listed('last', runs)}); {runs[0]['writes']} writes; {middle('cpu', runs):.1f} s CPU",
         "peer": beside(last, lambda of: middle("last", of), "%.1f s", spent),
         "limit": f"bare client, list and {count:,} writes by 10 threads: {least:.1f} s ({count / least:,.0f}/s), {middle('last', bare):.1f} s with its JVM's start: "
                  f"{100 * least / last:.0f} % of raw, {100 * middle('last', bare) / last:.0f} % with start"},
        {"row": "P4 first to last status", "goal": "≤1.2× Go (10 workers); ≥40 % raw", "ours": f"{took(runs):.1f} s",
         "peer": beside(took(runs), took, "%.1f s"), "limit": f"{least:.1f} s: {100 * least / took(runs):.0f} %"},
        {"row": f"P5 RSS at {count:,} CRs", "goal": "≤120 MB",
         "ours": f"{middle('rss', runs):.0f} MiB, {middle('anonymous', runs):.0f} of it not of files (runtime, AOT cache, jars); at the peak {middle('peak', runs):.0f}",
         "peer": beside(middle("rss", runs), lambda of: middle("rss", of), "%.0f MiB"), "limit": "–"},
        {"row": "P5 start to first status", "goal": "≤0.8 s",
         "ours": f"{middle('first', runs):.2f} s ({', '.join('%.2f' % each['first'] for each in runs)}), with {count:,} CRs to list",
         "peer": beside(middle("first", runs), lambda of: middle("first", of), "%.2f s"), "limit": "–"},
    ]
    for each in runs:
        if "idle_writes" in each:
            quiet = next((other for other in go if "idle_writes" in other), None)
            rows.append({"row": f"P6 idle at {count:,} CRs", "goal": "0 writes, ≤0.5 % CPU", "limit": "–",
                         "peer": f"Go, controller-runtime: {quiet['idle_writes']} writes, {quiet['idle_cpu_percent']:.1f} % CPU, RSS {quiet['idle_rss']:.0f} MiB" if quiet else "not measured",
                         "ours": f"{each['idle_writes']} writes, {each['idle_cpu_percent']:.1f} % CPU, RSS {each['idle_rss']:.0f} MiB"})
    for each in rows:
        for key, value in stamp.items():
            each.setdefault(key, value)

if os.path.exists(f"{work}/look.jsonl"):
    with open(f"{work}/look.jsonl") as file:
        all_ = [json.loads(line) for line in file if line.startswith("{")]
    look = next(each for each in all_ if each["what"] == "look")
    rows.append({"row": f"One look at one host, all {look['checks']} checks of the off-chain policy", "goal": "one round trip for all checks on the host",
                 "ours": f"{look['p50']:.0f} ms, p99 {look['p99']:.0f}; {look['scripts']:g} script, {look['forwards']:g} connection through the session; {look['cpu']:.1f} ms CPU here; {look['unknown']} unknown",
                 "peer": f"the same script ({look['bytes']:,} bytes) by OpenSSH over a ControlMaster: {look['ssh50']:.0f} ms, p99 {look['ssh99']:.0f}, without the databases and without judging",
                 "limit": "–", **stamped("look", all_)})

if os.path.exists(f"{work}/schedules.jsonl"):
    with open(f"{work}/schedules.jsonl") as file:
        all_ = [json.loads(line) for line in file if line.startswith("{")]
    # By turns, since a minute on a shared machine is not like the next one: each round has its own ratio.
    runs = [each for each in all_ if each["what"] == "schedules"]
    bare = [each for each in all_ if each["what"] == "bare"]
    stamp = stamped("schedules", all_)
    count, objects = runs[0]["ready"], runs[0]["objects"]
    assert all(each["ready"] == count and count * 11 == objects for each in runs), "a schedule is not Ready"
    took = lambda each: each["last"] - each["first"]
    listed = lambda of: ", ".join(f"{took(each):.1f}" for each in of)
    ratios = [took(one) / took(other) for one, other in zip(runs, bare, strict=True)]
    time_ours, time_bare = statistics.median(map(took, runs)), statistics.median(map(took, bare))
    rows += [
        {"row": f"{count:,} schedules of five tasks, first to last of {objects:,} objects", "goal": "≤1.3× a bare client",
         "ours": f"{time_ours:.1f} s ({listed(runs)}; {objects / time_ours:,.0f}/s), {statistics.median(ratios):.2f}× "
                 f"({', '.join(f'{ratio:.2f}' for ratio in ratios)}); {sum(runs[0]['writes'].values()):,} writes, {middle('cpu', runs):.1f} s CPU; "
                 f"from the start {middle('last', runs):.1f} s",
         "peer": f"bare client, the same objects by 20 threads: {time_bare:.1f} s ({listed(bare)}; {objects / time_bare:,.0f}/s), "
                 f"{middle('cpu', bare):.1f} s CPU; from the start {middle('last', bare):.1f} s", "limit": "–"},
        {"row": f"Memory at {count:,} schedules", "goal": "within the chart's limit", "peer": "–", "limit": "384 MiB",
         "ours": f"RSS {middle('rss', runs):.0f} MiB, at the peak {max(each['peak'] for each in runs):.0f}, after the idle time {middle('idle_rss', runs):.0f}"},
        {"row": f"Idle at {count:,} schedules", "goal": "0 writes", "peer": "–", "limit": "–",
         "ours": f"{sum(each['idle_writes'] for each in runs)} writes, {middle('idle_cpu_percent', runs):.1f} % CPU; "
                 f"{sum(each['late_writes'] for each in runs)} writes in the 5 s after the last object's first"},
    ]
    for each in rows[-3:]:
        each.update(stamp)

if os.path.exists(f"{work}/slots.jsonl"):
    with open(f"{work}/slots.jsonl") as file:
        all_ = [json.loads(line) for line in file if line.startswith("{")]
    stamp = stamped("slots", all_)
    spread = lambda each: f"{each['p50']:.1f} / {each['p99']:.1f} / {each['max']:.1f} s" + ("" if each["count"] == each["of"] else f" ({each['count']:,} in time)")
    def said_of(each):
        for key in ("created", "started", "pod"):
            each[key]["of"] = each["tasks"]
        return f"Job {spread(each['created'])}; let start {spread(each['started'])}; pod {spread(each['pod'])}"
    for pace, how in (("DEFAULT", "as delivered"), ("HIGH", "50 at a time, 2,000 requests/s")):
        due = {each["who"]: each for each in all_ if each["what"] == "due" and each["pace"] == pace}
        if due:
            rows.append({"row": f"P7 {due['drydock']['tasks']:,} tasks due at once, controllers {how}: p50 / p99 / max", "goal": "p99 ≤1.5 s to its start",
                         "ours": said_of(due["drydock"]), "peer": "plain CronJobs: " + said_of(due["plain"]), "limit": "–", **stamp})

if os.path.exists(f"{work}/ledger.jsonl"):
    with open(f"{work}/ledger.jsonl") as file:
        all_ = [json.loads(line) for line in file if line.startswith("{")]
    stamp = stamped("ledger", all_)
    for each in all_:
        if each["what"] == "ledger":
            listed = lambda of: "; ".join(f"{count:,} {name}" for name, count in sorted(of.items(), key=lambda one: -one[1])) or "none"
            rows.append({"row": f"R7 {each['slots']:,} slots under {sum(each['faults'].values())} faults", "goal": "3,000 slots, 0 double, 0 lost",
                         "ours": f"{each['double']} double, {each['lost']} lost; ran: {listed(each['ran'])}; did not run: {listed(each['named'])}",
                         "peer": "CronJob: 0, 1 or 2 by its documentation", "limit": ", ".join(f"{count}× {name}" for name, count in each["faults"].items()), **stamp})

for lock, stamp in figures("lock"):
    rows.append({"row": f"R9 lock, {lock['pauses']} holders stopped for {lock['pauseSeconds']} s", "goal": "200 pauses, 0 stale actions; dead holder ≤18 s",
                 "ours": f"{lock['stale']} stale of {lock['actions']:,} actions; taken over after {lock['takenMedian']:.1f} s, {lock['takenMost']:.1f} s at the most",
                 "peer": "none at hand (kured: no time to live by default, no fencing)", "limit": "15 s without a word",
                 **stamp})

for hangs, stamp in figures("hangs"):
    rows.append({"row": f"R13 hang matrix, {hangs['cases']} cases", "goal": "≥12 cases, deadline +1 s, 0 orphans, 0 leaks",
                 "ours": f"at worst {hangs['late']:+.2f} s past a deadline of {hangs['deadline']} s ({hangs['latest']}); "
                         f"left behind: {hangs['orphans']} processes, {hangs['sessions']} sessions, {hangs['threads']} threads",
                 "peer": "–", "limit": "–", **stamp})

for calendar, stamp in figures("calendar"):
    rows.append({"row": f"R8 {calendar['schedules']} schedules, {calendar['zones']} zones, {calendar['years']} years", "goal": "0 differences",
                 "ours": f"{calendar['differences']} differences at {calendar['changes']:,} changes of clocks and once a year elsewhere, of {calendar['runs']:,} due times; "
                         f"{calendar['seconds']} s",
                 "peer": "–", "limit": "a clock that is read minute by minute", **stamp})

with open("/proc/meminfo") as file:
    memory = int(file.readline().split()[1]) / 1024 / 1024
with open(f"{jdk}/release") as file:
    release = dict(line.strip().split("=", 1) for line in file if "=" in line)
said = lambda *c: subprocess.run(c, capture_output=True, text=True)
versions = said(f"{os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')}/drydock/bench/venv/bin/pip", "list", "--format=json").stdout
peers = ", ".join(f"{p['name']} {p['version']}" for p in json.loads(versions or "[]") if p["name"] in ("ansible-core", "asyncssh", "parallel-ssh"))
print(f"""# Measured on {time.strftime('%Y-%m-%d')}

{os.cpu_count()} cores, {memory:.0f} GiB, Linux {os.uname().release.split('-')[0]}, JDK {release.get('JAVA_RUNTIME_VERSION', '').strip('"')}, \
{said('ssh', '-V').stderr.split(',')[0]}, {peers}. Clients and servers share these cores. Medians; what differs by less than 20 % is equal.

| row | goal | ours | peer | limit | date | load | command |
|---|---|---|---|---|---|---|---|""")
for each in rows:
    print("| " + " | ".join([each["row"], each["goal"], each["ours"], each["peer"], each["limit"], each["date"], f"{each['load']:.1f}", f"`{each['command']}`"]) + " |")

reasons = [(begins, ends, reason) for begins, ends, reason in REASONS if any(each["row"].startswith(begins) and each["row"].endswith(ends) for each in rows)]
if reasons:
    print("\nWhy rows miss their goal:\n")
    for begins, ends, reason in reasons:
        print(f"- **{begins}{', ' + ends if ends else ''}**: {reason}")
