package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RemedyStories extends Story {
  private static final LabHost HOST = LabHost.OFFCHAIN;
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String SWAP = "/var/tmp/drydock-story-swap";
  private static final String ARCHIVES = "/var/cache/apt/archives";

  /** Of this story alone, since PM2's log remembers what others did. */
  private String process = "";

  @BeforeEach
  void name() {
    process = "story-" + Long.toString(System.nanoTime() & 0xffffffL, 36);
  }

  @AfterEach
  void mend() {
    HOST.on(
        "for p in "
            + process
            + " "
            + process
            + "-other; do pm2 delete $p >/dev/null 2>&1; done; rm -rf /tmp/story-*; sudo umount"
            + " /proc/meminfo 2>/dev/null; sudo umount "
            + ARCHIVES
            + " 2>/dev/null; pkill -f '^perl /tmp/story-'; sudo swapoff "
            + SWAP
            + " 2>/dev/null; sudo rm -f "
            + SWAP);
  }

  @Test
  void aCrashLoopIsStoppedItsLogsKeptAndHeldUntilAPersonHasSeenIt() {
    declare(HOST, "Check, Restart");
    String path = webhook("web");
    start(
        process,
        "console.log('ERROR no route to postgres://milo:hunter2@db/milo');"
            + " setTimeout(() => process.exit(1), 1200)",
        "API_KEY=hunter3 ");
    policy(
        "loop",
        "Act",
        """
        - name: crash-loop
          severity: Critical
          pm2: {restartsAbove: 5, within: 5m, processes: [%s]}
          remedy:
            cooldown: 10m
            steps: [{stop: {pm2: offender}}, {recordLogs: {pm2: offender, lines: 100}}, {recordConfig: {pm2: offender}}, {hold: {}}]
        """
            .formatted(process));
    awaitPolicy("loop", LONG, host -> phase("loop") == RemedyPhase.Held);
    assertThat(pm2(process, "status")).isEqualTo("stopped");
    assertThat(remedy("loop").message())
        .startsWith("stopped " + process + "; held until: kubectl -n " + namespace)
        .contains("drydock.dev/acknowledge=offchain/crash-loop");
    assertThat(alert("loop", "crash-loop").map(AlertState::remedy))
        .contains(remedy("loop").message());

    String record = record("loop");
    assertThat(record)
        .contains(
            "step 1 of 4: stop the process that the check names",
            "ERROR no route to postgres://…@db/milo",
            "pm_exec_path: /tmp/story-" + process,
            "result: Held")
        .doesNotContain("hunter2", "hunter3", "API_KEY");
    soon("word of it").until(() -> said(path, "remedy holds"));
    assertThat(said(path, "Remedy: at work since")).isTrue();

    List<String> log = journal();
    assertThat(log)
        .anyMatch(
            line -> line.contains("remedy " + namespace + "/loop/crash-loop\tpm2 " + process));
    annotate("loop", "offchain/crash-loop@1");
    awaitPolicy("loop", PATIENCE, host -> phase("loop") == RemedyPhase.Acknowledged);
    assertThat(policy("loop").getStatus().lastHandledAcknowledge())
        .isEqualTo("offchain/crash-loop@1");
    annotate("loop", "offchain/gone");
    soon("word of the mistake")
        .until(() -> events("AcknowledgementUnknown").stream().anyMatch(e -> e.contains("gone")));
    assertThat(pm2(process, "status")).as("Drydock does not start it").isEqualTo("stopped");
    assertThat(journal()).as("nothing was done twice").isEqualTo(log);
  }

  @Test
  void inObserveModeItSaysWhatItWouldDoAndChangesNothing() {
    declare(HOST, "Check, Restart");
    start(process, "setInterval(() => {}, 1000)", "");
    HOST.on("pm2 stop " + process + " >/dev/null");
    policy(
        "watch",
        "Observe",
        """
        - name: processes
          severity: Critical
          pm2: {allOnline: true, processes: [%1$s]}
          remedy: {steps: [{recordTop: {by: Cpu, count: 5}}, {restart: {pm2: [%1$s]}}]}
        """
            .formatted(process));
    awaitPolicy("watch", PATIENCE, host -> phase("watch") == RemedyPhase.Observed);
    assertThat(alert("watch", "processes").map(AlertState::remedy))
        .contains("would 1. record the 5 processes that use most CPU; 2. restart " + process);
    soon("the event").until(() -> events("RemedyObserved").size() == 1);
    String version = policy("watch").getMetadata().getResourceVersion();
    soon("more looks").pollDelay(Duration.ofSeconds(12)).until(() -> true);
    assertThat(pm2(process, "status")).isEqualTo("stopped");
    assertThat(journal()).isEmpty();
    assertThat(records()).isEmpty();
    assertThat(policy("watch").getMetadata().getResourceVersion())
        .as("it is said once")
        .isEqualTo(version);
  }

  @Test
  void swapIsNotResetWhereThatIsNotSafeAndTheLadderGoesOn() {
    declare(HOST, "Check, Restart");
    policy(
        "swap",
        "Observe",
        """
        - name: busy
          severity: Warning
          load: {average: 15m, above: "0.01"}
          remedy: {steps: [{resetSwap: {}}, {recordTop: {by: Memory, count: 10}}]}
        """);
    awaitPolicy("swap", PATIENCE, host -> phase("swap") == RemedyPhase.Observed);
    assertThat(remedy("swap").message())
        .isEqualTo(
            "would 1. take swap off and on again, if available memory exceeds the swap in use; 2."
                + " record the 10 processes that use most memory");
    String swaps = HOST.on("cat /proc/swaps");

    mode("swap", "Act");
    awaitPolicy("swap", LONG, host -> phase("swap") == RemedyPhase.Refused);
    assertThat(remedy("swap").message()).startsWith("swap was not reset");
    assertThat(remedy("swap").tries()).hasSize(1);
    assertThat(record("swap")).contains("PID\tCPU %\tMEMORY MiB", "result: Refused");
    assertThat(HOST.on("cat /proc/swaps")).isEqualTo(swaps);
  }

  @Test
  void swapThatIsNearlyFullIsBroughtBackIntoMemoryAndItsProcessLives() {
    declare(HOST, "Check, Restart");
    swapIn();
    policy(
        "swap",
        "Observe",
        """
        - name: swap-emergency
          severity: Critical
          swap: {usedPercentAbove: 80}
          remedy: {cooldown: 30m, steps: [{resetSwap: {}}, {recordTop: {by: Memory, count: 10}}]}
        """);
    awaitPolicy("swap", PATIENCE, host -> phase("swap") == RemedyPhase.Observed);
    assertThat(remedy("swap").message())
        .startsWith("would 1. take swap off and on again, if available memory exceeds");
    assertThat(100 * swapOf("Used")).as("nothing is changed").isGreaterThan(80 * swapOf("Size"));

    mode("swap", "Act");
    awaitPolicy("swap", LONG, host -> phase("swap") == RemedyPhase.Helped);
    assertThat(remedy("swap").message())
        .containsPattern(
            "^reset swap in [0-9]+ s \\([0-9.]+Gi of memory available, 5[0-9.]+Mi swap in use before, [0-9.]+[KM]?i? after\\); .*the check is fine again$");
    assertThat(record("swap"))
        .contains("step 1 of 2", "swap in use before", "result: Helped")
        .as("it stops where it has helped")
        .doesNotContain("step 2 of 2");
    awaitPolicy("swap", PATIENCE, host -> host.alerts().isEmpty());
    assertThat(policy("swap").getStatus().recentRemedies())
        .as("what the next report tells")
        .singleElement()
        .satisfies(done -> assertThat(done.record()).isEqualTo(remedy("swap").record()));
    assertThat(policy("swap").getStatus().recentAlerts()).hasSize(1);
    assertThat(swapOf("Used")).as("KiB in use after").isLessThan(1024);
    assertThat(swapOf("Size")).as("it is on again").isGreaterThan(60_000);
    assertThat(
            HOST.on(
                "pkill -USR1 -f '^perl /tmp/%1$s.pl' && sleep 1 && cat /tmp/%1$s.out"
                    .formatted(storySwap())))
        .as("the process, and what it holds in memory")
        .endsWith("whole");
  }

  /** The host's memory is what the story says it is, since nobody can fill the machine's. */
  @Test
  void swapIsNotResetWhereMemoryIsTooSmallForIt() {
    declare(HOST, "Check, Restart");
    swapIn();
    HOST.on(
        "sed 's/^MemAvailable:.*/MemAvailable:      30720 kB/' /proc/meminfo >/tmp/%1$s && sudo mount --bind /tmp/%1$s /proc/meminfo"
            .formatted(storySwap()));
    policy(
        "swap",
        "Act",
        """
        - name: swap-emergency
          severity: Critical
          swap: {usedPercentAbove: 80}
          remedy: {cooldown: 30m, steps: [{resetSwap: {}}]}
        """);
    awaitPolicy("swap", LONG, host -> phase("swap") == RemedyPhase.Refused);
    assertThat(remedy("swap").message())
        .containsPattern("swap was not reset.*30Mi.* available.*5[0-9.]+Mi");
    assertThat(100 * swapOf("Used")).as("it stays on").isGreaterThan(80 * swapOf("Size"));
  }

  @Test
  void theLadderGoesOnToTheProcessThatUsesMostMemory() {
    declare(HOST, "Check, Restart");
    String other = process + "-other";
    String alive = "/tmp/story-" + process + "-alive";
    start(
        process,
        "const held = Buffer.alloc(80 << 20, 1); require('fs').writeFileSync('%s', '');"
                .formatted(alive)
            + " setInterval(() => held, 1000)",
        "");
    start(other, "console.log('ERROR 17'); setInterval(() => {}, 1000)", "");
    policy(
        "ladder",
        "Act",
        """
        - name: alive
          severity: Critical
          file: {path: %s, largerThan: 1Ki}
          remedy:
            steps: [{recordTop: {by: Cpu, count: 20}}, {recordLogs: {pm2: all, lines: 100, matching: ERROR}}, {restartHeaviest: {pm2: [%s, %s]}}]
        """
            .formatted(alive, process, other));
    awaitPolicy("ladder", PATIENCE, host -> host.alerts().isEmpty() && host.message() == null);

    HOST.on("rm " + alive);
    awaitPolicy("ladder", LONG, host -> phase("ladder") == RemedyPhase.Helped);
    assertThat(pm2(process, "restarts")).isEqualTo("1");
    assertThat(pm2(other, "restarts")).isEqualTo("0");
    assertThat(record("ladder"))
        .contains("PID\tCPU %\tMEMORY MiB", "ERROR 17", "step 3 of 3", "result: Helped");
  }

  /**
   * Makes a swap file on the host and has a process whose memory lies there. The kernel, and so the
   * swap, is the machine's: one with swap of its own is left alone.
   */
  private void swapIn() {
    assumeThat(HOST.on("cat /proc/swaps").lines().skip(1))
        .as("swap of the machine's own, which no story may touch")
        .isEmpty();
    String made =
        HOST.on(
            "sudo dd if=/dev/zero of=%1$s bs=1M count=64 status=none && sudo chmod 600 %1$s && sudo mkswap %1$s >/dev/null && sudo swapon %1$s 2>&1 && echo made || true"
                .formatted(SWAP));
    assumeThat(made).as("swapon on this machine").isEqualTo("made");
    // 56 MiB, which madvise(2) has the kernel page out (MADV_PAGEOUT: 21).
    HOST.on(
        """
        cat >/tmp/%1$s.pl <<'E'
        use POSIX ();
        $| = 1;
        my $length = 56 << 20;
        my $held = join('', map { chr(rand(256)) } 1 .. 4099) x ($length / 4099);
        my $sum = unpack('%%64C*', $held);
        $SIG{USR1} = sub { print unpack('%%64C*', $held) == $sum ? "whole\n" : "broken\n" };
        my $call = (POSIX::uname())[4] eq 'x86_64' ? 28 : 233;
        my $start = (unpack('Q', pack('P', $held)) + 4095) & ~4095;
        for (1 .. 3) { syscall($call, $start, ($length - 12288) & ~4095, 21) == 0 or print "madvise: $!\n" }
        for (1 .. 600) { sleep 1 }
        E
        setsid perl /tmp/%1$s.pl >/tmp/%1$s.out 2>&1 </dev/null &"""
            .formatted(storySwap()));
    soon("memory in swap").until(() -> 100 * swapOf("Used") > 83 * swapOf("Size"));
  }

  private String storySwap() {
    return process + "-swap";
  }

  /** A column of the story's line in /proc/swaps: KiB; 0 where it is off. */
  private static long swapOf(String column) {
    String found =
        HOST.on(
            "awk '$1 == \"%s\" { print $%d }' /proc/swaps"
                .formatted(SWAP, column.equals("Size") ? 3 : 4));
    return found.isEmpty() ? 0 : Long.parseLong(found);
  }

  @Test
  void aFullDiskIsCleanedAndProtectedPathsAreLeftAlone() {
    declare(HOST, "Check, Update");
    HOST.on(
        "sudo mount -t tmpfs -o size=20m tmpfs %1$s && sudo mkdir -p %1$s/partial && sudo dd"
                .formatted(ARCHIVES)
            + " if=/dev/zero of="
            + ARCHIVES
            + "/story_1_all.deb bs=1M count=19 status=none");
    String checks =
        """
        - name: disk
          severity: Warning
          disk: {path: %s, usedPercentAbove: 85}
          remedy: {steps: [{cleanDisk: {packageCache: true, unusedImages: true, protectedPaths: [%s]}}]}
        """;
    policy("protected", "Act", checks.formatted(ARCHIVES, "/var/cache"));
    awaitPolicy("protected", LONG, host -> phase("protected") == RemedyPhase.Refused);
    assertThat(remedy("protected").message())
        .startsWith(
            "the package cache left alone, since /var/cache/apt meets the protected /var/cache");
    assertThat(HOST.on("ls " + ARCHIVES)).contains("story_1_all.deb");

    policy("disk", "Act", checks.formatted(ARCHIVES, "/var/lib/lighthouse"));
    awaitPolicy("disk", LONG, host -> phase("disk") == RemedyPhase.Helped);
    assertThat(remedy("disk").message())
        .startsWith("removed the package cache, which freed 19Mi;")
        .endsWith("the check is fine again");
    assertThat(HOST.on("ls " + ARCHIVES)).doesNotContain("story_1_all.deb");
    awaitPolicy("disk", PATIENCE, host -> host.alerts().isEmpty());
  }

  @Test
  void aRestartByDrydockIsNoCrashButACrashInTheSameMinuteIs() {
    declare(HOST, "Check, Restart");
    String path = webhook("web");
    String other = process + "-other";
    start(
        process,
        "require('fs').writeFileSync('/tmp/story-%1$s-alive', ''); setInterval(() => {}, 1000)"
            .formatted(process),
        "");
    start(other, "setInterval(() => {}, 1000)", "");
    policy(
        "restarts",
        "Act",
        """
        - name: alive
          severity: Warning
          file: {path: /tmp/story-%1$s-alive, largerThan: 1Ki}
          remedy: {steps: [{restart: {pm2: [%1$s]}}]}
        - name: crashes
          severity: Warning
          pm2: {restartsAbove: 0, within: 1h, processes: [%1$s, %2$s]}
        """
            .formatted(process, other));
    awaitPolicy("restarts", PATIENCE, host -> host.alerts().isEmpty() && host.message() == null);

    HOST.on("rm /tmp/story-" + process + "-alive");
    awaitPolicy("restarts", LONG, host -> phase("restarts") == RemedyPhase.Helped);
    assertThat(pm2(process, "restarts")).isEqualTo("1");
    awaitPolicy("restarts", PATIENCE, host -> host.alerts().isEmpty());
    assertThat(events("AlertFiring")).noneMatch(note -> note.contains("crashes"));

    HOST.on("kill -9 $(pm2 pid " + other + ")");
    awaitPolicy(
        "restarts",
        PATIENCE,
        host -> alert("restarts", "crashes").filter(a -> a.phase() == Phase.Firing).isPresent());
    assertThat(alert("restarts", "crashes").orElseThrow().value())
        .isEqualTo(other + " restarted 1 time");
    soon("the message").until(() -> said(path, "crashes: PM2: " + other));
  }

  @Test
  void aHostThatDoesNotPermitItIsLeftAlone() {
    declare(HOST, "Check");
    start(process, "setInterval(() => {}, 1000)", "");
    HOST.on("pm2 stop " + process + " >/dev/null");
    policy(
        "refused",
        "Act",
        """
        - name: processes
          severity: Critical
          pm2: {allOnline: true, processes: [%1$s]}
          remedy: {steps: [{restart: {pm2: [%1$s]}}]}
        """
            .formatted(process));
    awaitPolicy("refused", PATIENCE, host -> phase("refused") == RemedyPhase.Refused);
    assertThat(remedy("refused").message())
        .isEqualTo(
            "the Host offchain does not permit Restart, which it takes to restart "
                + process
                + ": add it to the Host's spec.permits");
    assertThat(pm2(process, "status")).isEqualTo("stopped");

    declare(HOST, "Check, Restart");
    awaitPolicy("refused", LONG, host -> phase("refused") == RemedyPhase.Helped);
    assertThat(pm2(process, "status")).isEqualTo("online");
  }

  private void policy(String name, String mode, String checks) {
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: %s}
        spec:
          hosts: {names: [offchain]}
          interval: 5s
          mode: %s
          %s
          checks:
        """
                .formatted(name, mode, channels())
            + checks.indent(2));
  }

  private String channels() {
    return channel("web") == null ? "" : "notify: {channels: [web]}";
  }

  private void mode(String policy, String mode) {
    client
        .resource(policy(policy))
        .edit(
            old -> {
              var spec = old.getSpec();
              old.setSpec(
                  io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
                      io.fabric8.kubernetes.client.utils.Serialization.asYaml(spec)
                          .replaceFirst("mode: \"?Observe\"?", "mode: " + mode),
                      dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec.class));
              return old;
            });
  }

  private void annotate(String policy, String value) {
    client
        .resource(policy(policy))
        .edit(
            old -> {
              var annotations =
                  new java.util.HashMap<>(
                      Objects.requireNonNullElse(
                          old.getMetadata().getAnnotations(), java.util.Map.of()));
              annotations.put("drydock.dev/acknowledge", value);
              old.getMetadata().setAnnotations(annotations);
              return old;
            });
  }

  /** Has PM2 run a program of node's. */
  private static void start(String name, String program, String environment) {
    HOST.on(
        "cat >/tmp/story-%1$s.js <<'E'\n%2$s\nE\n%3$spm2 start /tmp/story-%1$s.js --name %1$s >/dev/null"
            .formatted(name, program, environment));
  }

  private static String pm2(String name, String what) {
    return HOST.on(
        "pm2 jlist | node -e 'const p = JSON.parse(require(\"fs\").readFileSync(0,"
            + " \"utf8\").match(/\\[\\{[^]*\\]/)[0]).find((p) => p.name === process.argv[1]).pm2_env;"
            + " console.log(process.argv[2] === \"status\" ? p.status : p.restart_time)' "
            + name
            + " "
            + what);
  }

  /** What this story's remedies have begun on the host. */
  private List<String> journal() {
    return HOST.on("cat /run/lock/drydock.journal /tmp/drydock.journal 2>/dev/null || true")
        .lines()
        .filter(line -> line.contains("remedy " + namespace))
        .toList();
  }

  private RemedyState remedy(String policy) {
    return state(policy).map(HostState::remedies).orElseThrow().getFirst();
  }

  private RemedyPhase phase(String policy) {
    return state(policy)
        .flatMap(host -> host.remedies().stream().findFirst())
        .map(RemedyState::phase)
        .orElse(RemedyPhase.Running);
  }

  private List<ConfigMap> records() {
    return client
        .configMaps()
        .inNamespace(namespace)
        .withLabel("drydock.dev/record", "remedy")
        .list()
        .getItems();
  }

  /** What the record of the last try says. */
  private String record(String policy) {
    ConfigMap record =
        client.configMaps().inNamespace(namespace).withName(remedy(policy).record()).get();
    assertThat(record.getMetadata().getOwnerReferences().getFirst().getName()).isEqualTo(policy);
    return String.valueOf(record.getData().get("record.txt"));
  }

  private List<String> events(String reason) {
    return client.events().v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals(reason))
        .map(event -> String.valueOf(event.getNote()))
        .toList();
  }

  private static boolean said(String path, String text) {
    return Receivers.acceptedAt(path).stream().anyMatch(one -> one.body().contains(text));
  }
}
