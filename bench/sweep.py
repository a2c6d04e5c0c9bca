"""Sweeps over many addresses of one sshd, Drydock and its peers by turns. In namespaces of its own: started by bench/run.
usage: sweep.py WORK RESULTS LOAD HOSTS[,HOSTS] ROUNDS JAVA-COMMAND…"""
import json, os, resource, shlex, shutil, socket, statistics, subprocess, sys, threading, time

work, results, load, sizes, rounds, java = *sys.argv[1:4], sys.argv[4].split(","), int(sys.argv[5]), sys.argv[6:]
here = os.path.dirname(os.path.abspath(__file__))
venv = os.path.dirname(sys.executable)
PORT, SILENT = 2200, 2300
HANGS, FLOODS, WRONG, SILENCE, HOLE = "127.0.9.1", "127.0.9.2", "127.0.9.3", "127.0.9.4", "10.99.0.66"
found = []


def say(text):
    print("bench:", text, file=sys.stderr, flush=True)


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def write(name, text, mode=0o600):
    with open(f"{work}/{name}", "w") as file:
        file.write(text)
    os.chmod(f"{work}/{name}", mode)


# The hosts.
def prepare():
    run("mount", "--make-rprivate", "/")
    run("ip", "link", "set", "lo", "up")
    # Answers to nobody: a neighbor that does not exist, behind a cable that is plugged in.
    run("ip", "link", "add", "hole0", "type", "veth", "peer", "name", "hole1")
    run("ip", "addr", "add", "10.99.0.1/24", "dev", "hole0")
    run("ip", "link", "set", "hole0", "up")
    run("ip", "link", "set", "hole1", "up")
    run("ip", "neigh", "add", HOLE, "lladdr", "02:00:00:00:00:66", "dev", "hole0")
    # bash would read root's .bashrc for each command of each client.
    with open("/etc/passwd") as file:
        lines = [":".join(l.split(":")[:6] + ["/bin/sh\n"]) if l.startswith("root:") else l for l in file]
    write("passwd", "".join(lines), 0o644)
    run("mount", "--bind", f"{work}/passwd", "/etc/passwd")
    os.makedirs("/run/sshd", exist_ok=True)
    for key in ("host", "user", "other"):
        if not os.path.exists(f"{work}/{key}"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", f"{work}/{key}")
    shutil.copy(f"{work}/user.pub", f"{work}/authorized_keys")
    # Starts the shell as a good host would, and then never answers.
    write("hang", "#!/bin/sh\nn=0\nwhile [ $n -lt 5 ] && IFS= read -r line; do eval \"$line\"; n=$((n+1)); done\nexec sleep 600\n", 0o755)
    write("sshd_config", f"""Port {PORT}
ListenAddress 0.0.0.0
HostKey {work}/host
AuthorizedKeysFile {work}/authorized_keys
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxStartups 2000
MaxSessions 100
LogLevel ERROR
Match LocalAddress {HANGS}
  ForceCommand {work}/hang
Match LocalAddress {FLOODS}
  ForceCommand yes
""")
    with open(f"{work}/sshd.log", "w") as log:
        subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", f"{work}/sshd_config"], stdin=subprocess.DEVNULL, stderr=log)
    silent = socket.create_server((SILENCE, SILENT), backlog=100)
    kept = []
    threading.Thread(target=lambda: [kept.append(silent.accept()) for _ in iter(int, 1)], daemon=True).start()
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", PORT)).close()
            break
        except OSError:
            time.sleep(0.1)


def public(name):
    with open(f"{work}/{name}.pub") as file:
        return " ".join(file.read().split()[:2])


def hosts(count, dead=False):
    """The names of the files that list so many hosts; 0 to 4 of the dead ones stand among them."""
    lines = [f"host{i} 127.0.1.{i} {PORT} {public('host')}" for i in range(1, count + 1)]
    with open(f"{work}/known_hosts", "w") as file:
        file.writelines(f"[127.0.1.{i}]:{PORT} {public('host')}\n" for i in range(1, count + 1))
    if dead:
        bad = [f"dead-hole {HOLE} {PORT} {public('host')}", f"dead-silent {SILENCE} {SILENT} {public('host')}",
               f"dead-key {WRONG} {PORT} {public('other')}", f"dead-flood {FLOODS} {PORT} {public('host')}",
               f"dead-hang {HANGS} {PORT} {public('host')}"]
        for i, line in enumerate(bad):
            lines.insert((i + 1) * len(lines) // 6, line)
    name = f"{work}/hosts-{count}{'-dead' if dead else ''}"
    with open(name, "w") as file:
        file.write("\n".join(lines) + "\n")
    return name


# The clients.
class Worker:
    """A process that keeps its sessions, and does what a line tells it."""
    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=open(f"{work}/{os.path.basename(command[-1])}.log", "a"))

    def tell(self, *words):
        before = self.cpu()
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: {self.process.args[-2:]} ended at {words}, see {work}/*.log")
        return {**json.loads(line), "cpu": self.cpu() - before}

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(next(line for line in file if line.startswith("VmRSS")).split()[1]) / 1024

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


class Commands:
    """Programs that are started for each sweep, over OpenSSH's ControlMaster."""
    def __init__(self, count):
        self.count = count
        self.names = f"{work}/names"
        with open(self.names, "w") as file:
            file.writelines(f"127.0.1.{i}\n" for i in range(1, count + 1))
        with open(f"{work}/ssh_config", "w") as file:
            file.write(f"""Host *
  Port {PORT}
  User root
  IdentityFile {work}/user
  IdentitiesOnly yes
  UserKnownHostsFile {work}/known_hosts
  StrictHostKeyChecking yes
  BatchMode yes
  ControlPath {work}/cm-%h
""")
        with open(f"{work}/inventory", "w") as file:
            file.writelines(f"127.0.1.{i} ansible_port={PORT} ansible_user=root\n" for i in range(1, count + 1))
        open(f"{work}/ansible.cfg", "w").close()
        self.environment = {**os.environ, "ANSIBLE_CONFIG": f"{work}/ansible.cfg", "ANSIBLE_HOME": f"{work}/ansible",
            "ANSIBLE_FORKS": "50", "ANSIBLE_PIPELINING": "1", "ANSIBLE_REMOTE_TMP": f"{work}/ansible/remote",
            "ANSIBLE_SSH_ARGS": f"-F {work}/ssh_config -o ControlMaster=auto -o ControlPersist=600",
            "ANSIBLE_SSH_CONTROL_PATH": f"{work}/cm-%%h", "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "LC_ALL": "C.UTF-8"}

    def open(self):
        run("xargs", "-a", self.names, "-P", "16", "-I{}", "ssh", "-F", f"{work}/ssh_config", "-MNf", "{}",
            stderr=subprocess.DEVNULL)

    def close(self):
        subprocess.run(["xargs", "-a", self.names, "-P", "8", "-I{}", "ssh", "-F", f"{work}/ssh_config", "-O", "exit", "{}"],
                       stderr=subprocess.DEVNULL)

    def timed(self, ok, *command):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        output = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=open(f"{work}/commands.log", "a"), text=True).stdout
        seconds = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        good = output.count(ok)
        return {"seconds": seconds, "ok": good, "failed": self.count - good,
                "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}

    def shell(self, what):
        return {"look": f"sh {work}/look.sh", "light": "cat /proc/loadavg"}[what]

    def openssh(self, what):
        return self.timed("@OK", "xargs", "-a", self.names, "-P", "16", "-I{}", "ssh", "-F", f"{work}/ssh_config", "{}",
                          self.shell(what) + " && echo @OK")

    def ansible(self, module, what):
        return self.timed("CHANGED", f"{venv}/ansible", "all", "-i", f"{work}/inventory", "-m", module, "-a", self.shell(what))

    def local(self, what):
        """The hosts' own part, without SSH and without a client."""
        return self.timed("@OK", "xargs", "-a", self.names, "-P", str(os.cpu_count()), "-I{}", "sh", "-c",
                          self.shell(what) + " && echo @OK # {}")


def by_turns(count, times, **clients):
    """The median hosts a second of each, and its CPU milliseconds a host."""
    taken = {name: [] for name in clients}
    for turn in range(times):
        for name, client in clients.items():
            took = client()
            if took["ok"] != count:
                raise SystemExit(f"bench: {name}: only {took['ok']} of {count} hosts answered, see {work}")
            if turn > 0 or times == 1:
                taken[name].append(took)
    return {name: (statistics.median(count / t["seconds"] for t in all_),
                   statistics.median(t["cpu"] for t in all_) * 1000 / count, [t["seconds"] for t in all_])
            for name, all_ in taken.items()}


def row(name, goal, ours, peer, limit):
    say(f"{name}: {ours} | {peer} | {limit}")
    found.append({"row": name, "goal": goal, "ours": ours, "peer": peer, "limit": limit, "load": float(load), "command": "bench/run sweep",
                  "date": time.strftime("%Y-%m-%d %H:%M")})


def number(value):
    return f"{value:,.0f}" if value >= 20 else f"{value:,.1f}"


def spread(seconds, count):
    return f"{number(count / max(seconds))}–{number(count / min(seconds))}"


def measure(count):
    list_, dead = hosts(count), hosts(count, True)
    drydock = Worker(*java)
    asyncssh = Worker(sys.executable, f"{here}/peers.py", "asyncssh", work)
    parallel = Worker(sys.executable, f"{here}/peers.py", "parallel-ssh", work)
    drydock.tell("script", f"{work}/look.sh")
    for worker in (drydock, asyncssh, parallel):
        worker.tell("hosts", list_, f"{work}/user")
    commands = Commands(count)

    # P3 first: nothing is open yet. The JVM and the interpreter are as warm as a process that runs for days.
    for what, label in (("look", "look of five checks"), ("light", "cat /proc/loadavg")):
        rate = by_turns(count, rounds + 2, drydock=lambda: drydock.tell("cold", what), asyncssh=lambda: asyncssh.tell("cold", what))
        ours, theirs = rate["drydock"][0], rate["asyncssh"][0]
        row(f"P3 cold sweep, {count} hosts, {label}", "≥75 hosts/s, ≥0.9× asyncssh",
            f"{number(ours)} hosts/s ({spread(rate['drydock'][2], count)}), {rate['drydock'][1]:.1f} ms CPU a host",
            f"asyncssh {number(theirs)} ({rate['asyncssh'][1]:.1f} ms): {ours / theirs:.2f}×", "–")

    commands.open()
    for worker in (drydock, asyncssh, parallel):
        for _ in range(3):
            worker.tell("warm", "look")
    for what, label in (("look", "look of five checks"), ("light", "cat /proc/loadavg")):
        rate = by_turns(count, rounds + 1, drydock=lambda: drydock.tell("warm", what), parallel=lambda: parallel.tell("warm", what),
                        asyncssh=lambda: asyncssh.tell("warm", what), openssh=lambda: commands.openssh(what), local=lambda: commands.local(what))
        if str(count) == sizes[0]:
            # Slow ones: as few rounds, and hosts, as will do.
            rate |= by_turns(count, 2, raw=lambda: commands.ansible("raw", what))
            rate |= by_turns(count, 1, module=lambda: commands.ansible("command", what))
        ours = rate["drydock"][0]
        row(f"P1 warm sweep, {count} hosts, {label}",
            "≥400 hosts/s; ≥12× ansible raw, ≥50× ansible command, ≥0.9× parallel-ssh",
            f"{number(ours)} hosts/s ({spread(rate['drydock'][2], count)}), {rate['drydock'][1]:.1f} ms CPU a host",
            "; ".join(f"{label_} {number(rate[key][0])} ({rate[key][1]:.1f} ms): {ours / rate[key][0]:.2f}×" for key, label_ in
                      (("raw", "ansible raw"), ("module", "ansible command"), ("parallel", "parallel-ssh"),
                       ("openssh", "OpenSSH ControlMaster"), ("asyncssh", "asyncssh")) if key in rate),
            f"{number(rate['local'][0])} a second without SSH and client: {100 * ours / rate['local'][0]:.0f} %")
    commands.close()
    parallel.end()

    seconds = 5
    taken = {"drydock": [], "asyncssh": [], "pipes": [], "one": [], "one-asyncssh": []}
    for _ in range(3):
        taken["drydock"].append(drydock.tell("checks", seconds, count))
        taken["asyncssh"].append(asyncssh.tell("checks", seconds, count))
        taken["pipes"].append(drydock.tell("pipes", seconds))
        taken["one"].append(drydock.tell("checks", seconds, 1))
        taken["one-asyncssh"].append(asyncssh.tell("checks", seconds, 1))
    rate = {name: statistics.median(t["per_second"] for t in all_) for name, all_ in taken.items()}
    wrong = sum(t["failed"] for all_ in taken.values() for t in all_)
    row(f"P2 checks over {count} open sessions", "≥2,000 host checks/s",
        f"{number(rate['drydock'])} checks/s ({wrong} failed); over one session {number(rate['one'])}",
        f"asyncssh {number(rate['asyncssh'])}; over one session {number(rate['one-asyncssh'])}",
        f"{number(rate['pipes'])} by shells on pipes, without SSH")
    asyncssh.end()
    extra = drydock.tell("extra", 300)
    row("P2 one more check in the same look", "≤1 % a check",
        "; ".join(f"{name} {100 * (extra[key] / extra['five'] - 1):+.1f} %" for key, name in
                  (("memory", "memory, load, swap"), ("unit", "a unit"), ("disk", "another file system"))),
        "–", f"the look with five checks takes {extra['five']:.1f} ms")
    drydock.end()

    # What a sweep costs, in a JVM that does nothing else, and what dead hosts do to the healthy ones.
    worker = {name: Worker(*java) for name in ("well", "dead")}
    for name, file in (("well", list_), ("dead", dead)):
        worker[name].tell("hosts", file, f"{work}/user")
        worker[name].tell("deadline", 20)
        worker[name].tell("warm", "look")
        worker[name].tell("deadline", 5)
        for _ in range(3):
            worker[name].tell("warm", "look")
    taken = {name: {"warm": [], "paced": []} for name in worker}
    for _ in range(rounds):
        for name in worker:
            taken[name]["warm"].append(worker[name].tell("warm", "look"))
    for _ in range(max(2, rounds // 2)):
        for name in worker:
            taken[name]["paced"].append(worker[name].tell("paced", "look", 10))
    at = {name: {kind: {key: statistics.median(t[key] for t in all_) for key in all_[0]} for kind, all_ in kinds.items()}
          for name, kinds in taken.items()}
    for name in worker:
        for kind, all_ in taken[name].items():
            if any(t["ok"] != count for t in all_) or any(t["failed"] != (5 if name == "dead" else 0) for t in all_):
                raise SystemExit(f"bench: {name} {kind}: {all_}")
    row(f"P1 cost of a sweep, {count} hosts at once", "–",
        f"{at['well']['warm']['seconds']:.2f} s, {at['well']['warm']['cpu']:.2f} s CPU, RSS {worker['well'].rss():.0f} MB", "–", "–")
    row(f"P1 the same and 5 dead hosts", "the healthy hosts' p99 does not move",
        f"the healthy ones are through after {at['dead']['warm']['healthy_seconds']:.2f} s (without the dead: {at['well']['warm']['healthy_seconds']:.2f}), "
        f"all after {at['dead']['warm']['seconds']:.2f} s (timeout 5 s); {at['dead']['warm']['cpu']:.2f} s CPU, RSS {worker['dead'].rss():.0f} MB", "–", "–")
    row(f"P1 {count} hosts over 10 s, 0 and 5 dead among them", "the healthy hosts' p99 does not move",
        f"p50/p99 {at['well']['paced']['p50']:.0f}/{at['well']['paced']['p99']:.0f} ms, with the dead {at['dead']['paced']['p50']:.0f}/{at['dead']['paced']['p99']:.0f} ms "
        f"(rounds {', '.join('%.0f' % t['p99'] for t in taken['well']['paced'])} and {', '.join('%.0f' % t['p99'] for t in taken['dead']['paced'])})", "–", "–")
    for each in worker.values():
        each.end()


prepare()
for size in sizes:
    say(f"{size} hosts")
    measure(int(size))
    with open(results, "w") as file:
        json.dump(found, file)
