package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.drydock.api.v1alpha1.hosthealth.TopOrder;
import dev.drydock.kernel.Work;
import dev.drydock.port.HostLock;
import dev.drydock.port.LocalHost;
import dev.drydock.work.StepOutcome.Done;
import dev.drydock.work.StepOutcome.Failed;
import dev.drydock.work.StepOutcome.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts run for real, by every POSIX shell that this machine has; what they call is fake. */
class StepWorkTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  private final Map<String, String> environment = new LinkedHashMap<>();

  @BeforeEach
  void prepare() throws IOException {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    environment.put("HOME", directory.toString());
    environment.put("PATH", bin + ":/usr/bin:/bin");
    environment.put("CALLS", directory.resolve("calls").toString());
    program("sudo", "[ \"$1\" != -n ] || shift\nexec \"$@\"");
    Files.createFile(directory.resolve("calls"));
  }

  private void program(String name, String text) throws IOException {
    Path file = directory.resolve("bin").resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** A PM2 of four processes, which notes what it is told and does it. */
  private void pm2() throws IOException {
    assumeThat(Path.of("/usr/bin/node")).exists();
    Path home = Files.createDirectories(directory.resolve(".pm2"));
    Files.writeString(home.resolve("pm2.pid"), ProcessHandle.current().pid() + "");
    Files.writeString(directory.resolve("worker.log"), "one\nERROR two\nTOKEN=hunter2\nERROR 3\n");
    Files.writeString(directory.resolve("state"), "online");
    program(
        "pm2",
        """
        here=%s
        echo "$*" >>"$CALLS"
        process() {
          printf '{"name":"%%s","pm_id":%%s,"monit":{"memory":%%s},"pm2_env":{"status":"%%s","exec_mode":"%%s","API_KEY":"hunter2","env":{"A":"hunter2"},"args":["--token","hunter2","--port","1"],"restart_time":9,"pm_out_log_path":"'"$here"'/worker.log","pm_err_log_path":"/dev/null"}}' "$@"
        }
        case $1 in
          jlist)
            echo '[PM2] a banner'
            printf '['
            process 'my worker' 7 900000000 "$(cat "$here/state")" fork_mode; printf ,
            process api 0 600000000 online cluster_mode; printf ,
            process api 1 600000000 online cluster_mode; printf ,
            process 0 3 1000 online fork_mode
            echo ']'
            ;;
          stop) [ "$2" != 7 ] || printf stopped >"$here/state" ;;
          restart) [ "$2" != 3 ] || { echo "no"; exit 1; } ;;
        esac
        """
            .formatted(directory));
  }

  private StepOutcome run(String shell, Step step, String... offenders) {
    assumeThat(Path.of(shell.split(" ", -1)[0])).exists();
    try (HostLock lock = lock(shell)) {
      return StepWork.carryOut(lock, step, List.of(offenders), "/");
    }
  }

  private HostLock lock(String shell) {
    var host = new LocalHost(shell, environment);
    var taken =
        host.lock(
            LocalHost.ACCESS, new Work("test", List.of()), Duration.ZERO, Duration.ofSeconds(1));
    return ((HostLock.Held) taken).lock();
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(directory.resolve("calls")).stream()
        .filter(call -> !call.equals("jlist"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void restartsByIdAndReloadsClusters(String shell) throws Exception {
    pm2();
    assertThat(run(shell, new Step.Restart(List.of("my worker", "api"))))
        .isInstanceOfSatisfying(
            Done.class,
            done -> assertThat(done.message()).isEqualTo("restarted my worker, api (reloaded)"));
    assertThat(calls()).containsExactly("restart 7", "reload 0", "reload 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void saysWhatCouldNotBeRestarted(String shell) throws Exception {
    pm2();
    // A name may read like an id, or be somebody else's.
    assertThat(run(shell, new Step.Restart(List.of("0", "gone", "my worker"))))
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> {
              assertThat(failed.message())
                  .isEqualTo(
                      "restarted my worker; 0 could not be restarted (status 1), gone does not"
                          + " exist");
              assertThat(failed.untouched()).isFalse();
            });
    assertThat(calls()).containsExactly("restart 3", "restart 7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void knowsThatItTouchedNothing(String shell) throws Exception {
    pm2();
    for (Step step :
        List.of(
            new Step.Restart(List.of("gone", "lost")), new Step.RestartHeaviest(List.of("gone")))) {
      assertThat(run(shell, step))
          .isInstanceOfSatisfying(Failed.class, failed -> assertThat(failed.untouched()).isTrue());
    }
    assertThat(calls()).isEmpty();
    // It may have restarted the process before it failed.
    assertThat(run(shell, new Step.Restart(List.of("0"))))
        .isInstanceOfSatisfying(Failed.class, failed -> assertThat(failed.untouched()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void restartsWhoeverUsesMostMemoryOfThoseThatAreListed(String shell) throws Exception {
    pm2();
    assertThat(run(shell, new Step.RestartHeaviest(List.of("my worker", "api", "gone"))).message())
        .isEqualTo("restarted api (reloaded); my worker uses 858Mi, api uses 1.1Gi");
    assertThat(calls()).containsExactly("reload 0", "reload 1");
    assertThat(run(shell, new Step.RestartHeaviest(List.of("gone")))).isInstanceOf(Failed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void stopsTheOffender(String shell) throws Exception {
    pm2();
    assertThat(run(shell, new Step.Stop(Step.OFFENDER), "my worker"))
        .isInstanceOfSatisfying(
            Done.class, done -> assertThat(done.message()).isEqualTo("stopped my worker"));
    assertThat(calls()).containsExactly("stop 7");
    assertThat(run(shell, new Step.Stop("api")).message())
        .as("PM2 says that it did, and it did not")
        .contains("api is online now");
    assertThat(run(shell, new Step.Stop(Step.OFFENDER))).isInstanceOf(Refused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void saysThatThereIsNoPm2(String shell) throws Exception {
    var restart = new Step.Restart(List.of("api"));
    assertThat(run(shell, restart).message()).startsWith("PM2 is not installed");
    program("pm2", "exit 9");
    assertThat(run(shell, restart).message()).isEqualTo("PM2 does not run for the SSH user");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void recordsLogs(String shell) throws Exception {
    pm2();
    StepOutcome all = run(shell, new Step.LogLines("all", null, 2, ""));
    assertThat(all).isInstanceOf(Done.class);
    assertThat(all.output())
        .contains(
            "== my worker: " + directory + "/worker.log\nTOKEN=hunter2\nERROR 3\n", "== api: ")
        .doesNotContain("one");
    assertThat(run(shell, new Step.LogLines("my worker", null, 100, "ERROR|x")).output())
        .isEqualTo("== my worker: " + directory + "/worker.log\nERROR two\nERROR 3\n");
    assertThat(run(shell, new Step.LogLines("all", null, 2, "[")).message()).contains("expression");
    assertThat(run(shell, new Step.LogLines("gone", null, 2, "")).message()).contains("nothing");
    program("journalctl", "case $* in *-n\\ 0*) ;; *) echo \"line of $7\" ;; esac");
    assertThat(run(shell, new Step.LogLines(null, "nginx.service", 5, "line")).output())
        .contains("line of");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void recordsAConfigurationWithoutItsEnvironment(String shell) throws Exception {
    pm2();
    String output = run(shell, new Step.Configuration("my worker")).output();
    assertThat(output)
        .contains("my worker (7)", "  exec_mode: fork_mode", "  restart_time: 9")
        .doesNotContain("API_KEY", "\"A\"", "api");
    assertThat(Masks.mask(output)).contains("args: --token … --port 1").doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void recordsTheHeaviest(String shell) {
    for (TopOrder order : TopOrder.values()) {
      StepOutcome top = run(shell, new Step.Top(order, 3));
      assertThat(top).isInstanceOf(Done.class);
      List<String> lines = top.output().lines().toList();
      assertThat(lines).hasSize(4);
      assertThat(lines.getFirst()).isEqualTo("PID\tCPU %\tMEMORY MiB\tUSER\tCOMMAND");
      assertThat(lines.subList(1, 4)).allMatch(line -> line.matches("\\d+\t\\d+\t\\d+\t\\S+\t.+"));
    }
    assertThat(run(shell, new Step.Top(TopOrder.Memory, 50)).output()).contains("java");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void restartsUnits(String shell) throws Exception {
    program(
        "systemctl",
        """
        echo "$*" >>"$CALLS"
        case $* in
          *bad*) echo "Job for bad.service failed."; [ "$1" = is-active ] && echo failed; exit 1 ;;
          is-active*) echo active ;;
        esac
        """);
    assertThat(run(shell, new Step.RestartUnits(List.of("nginx"))))
        .isInstanceOfSatisfying(
            Done.class, done -> assertThat(done.message()).isEqualTo("restarted nginx.service"));
    assertThat(calls()).first().isEqualTo("restart -- nginx.service");
    assertThat(run(shell, new Step.RestartUnits(List.of("bad", "nginx"))))
        .isInstanceOfSatisfying(
            Failed.class,
            failed ->
                assertThat(failed.message())
                    .isEqualTo(
                        "restarted nginx.service; bad.service could not be restarted (status 1)"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void resetsSwapWhereMemoryHasRoomForIt(String shell) throws Exception {
    swap();
    assertThat(reset(shell, 900_000, 700_000))
        .isInstanceOfSatisfying(
            Done.class,
            done ->
                assertThat(done.message())
                    .startsWith("reset swap in ")
                    .endsWith("(879Mi of memory available, 684Mi swap in use before, 0 after)"));
    assertThat(calls())
        .as("what fstab does not name comes back with its priority")
        .containsExactly("swapoff -a", "swapon -a", "swapon -p 5 /swap file", "swapon /dev/zram0");
    assertThat(Files.readString(directory.resolve("swaps"))).contains("zram0", "/swap\\040file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void takesNoSwapFileForAnotherOne(String shell) throws Exception {
    swap();
    String swaps =
        """
        Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
        /swapfile                               file\t\t500000\t\t1\t\t-2
        /data/swapfile                          file\t\t1500000\t\t1\t\t-3
        """;
    Files.writeString(directory.resolve("all"), swaps);
    Files.writeString(directory.resolve("swaps"), swaps);
    // fstab names the longer one alone.
    program(
        "swapon",
        """
        echo "swapon $*" >>"$CALLS"
        case $* in
          -a) sed -n 3p %1$s/all >>%1$s/swaps ;;
          /swapfile) [ -e %1$s/broken ] || sed -n 2p %1$s/all >>%1$s/swaps ;;
        esac
        """
            .formatted(directory));

    assertThat(reset(shell, 900_000, 700_000)).isInstanceOf(Done.class);
    assertThat(calls()).containsExactly("swapoff -a", "swapon -a", "swapon /swapfile");

    Files.createFile(directory.resolve("broken"));
    assertThat(reset(shell, 900_000, 700_000))
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> assertThat(failed.message()).startsWith("SWAP IS OFF: /swapfile did not"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void refusesToResetSwapThatDoesNotFit(String shell) throws Exception {
    swap();
    assertThat(reset(shell, 760_000, 700_000))
        .isInstanceOfSatisfying(
            Refused.class,
            refused ->
                assertThat(refused.message())
                    .isEqualTo(
                        "swap was not reset, since that needs more memory: 742Mi of memory"
                            + " available, 684Mi swap in use, 98Mi to spare asked for"));
    assertThat(calls()).isEmpty();
    Files.writeString(directory.resolve("swaps"), "Filename Type Size Used Priority\n");
    assertThat(reset(shell, 900_000, 0).message()).endsWith("the host has none");
    assertThat(calls()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void isLoudAboutSwapThatDoesNotComeBack(String shell) throws Exception {
    swap();
    program("swapon", "echo 'swapon: cannot open'; exit 255");
    assertThat(reset(shell, 900_000, 700_000))
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> assertThat(failed.message()).startsWith("SWAP IS OFF: /swap\\040file"));
  }

  private void swap() throws IOException {
    String swaps =
        """
        Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
        /swap\\040file                           file\t\t500000\t\t1\t\t5
        /dev/zram0                              partition\t1500000\t\t1\t\t-2
        """;
    Files.writeString(directory.resolve("all"), swaps);
    Files.writeString(directory.resolve("swaps"), swaps);
    program(
        "swapoff",
        "echo \"swapoff $*\" >>\"$CALLS\"; head -n 1 %1$s/all >%1$s/swaps\n".formatted(directory)
            + "sed -i 's/^SwapFree.*/SwapFree: 2000000 kB/' %s/meminfo".formatted(directory));
    program(
        "swapon",
        """
        echo "swapon $*" >>"$CALLS"
        case $* in
          *file) sed -n 2p %1$s/all >>%1$s/swaps ;;
          *zram0) sed -n 3p %1$s/all >>%1$s/swaps ;;
        esac
        """
            .formatted(directory));
  }

  private StepOutcome reset(String shell, long available, long used) throws IOException {
    assumeThat(Path.of(shell.split(" ", -1)[0])).exists();
    Path meminfo = directory.resolve("meminfo");
    Files.writeString(
        meminfo,
        "MemTotal: 2000000 kB\nMemAvailable: %d kB\nSwapTotal: 2000000 kB\nSwapFree: %d kB\n"
            .formatted(available, 2_000_000 - used));
    try (HostLock lock = lock(shell)) {
      return SwapReset.run(lock, meminfo.toString(), directory.resolve("swaps").toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void cleansADisk(String shell) throws Exception {
    disk();
    var all = new Step.CleanUp(true, Duration.ofDays(30), true, List.of("/var/lib/lighthouse"));
    assertThat(run(shell, all))
        .isInstanceOfSatisfying(
            Done.class,
            done ->
                assertThat(done.message())
                    .isEqualTo(
                        "removed the package cache, old journal entries, unused container images,"
                            + " which freed 98Mi"));
    assertThat(calls())
        .containsExactly(
            "apt-get clean",
            "journalctl -q --vacuum-time=2592000s",
            "docker info -f {{.DockerRootDir}}",
            "docker image prune -af");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void leavesProtectedPathsAlone(String shell) throws Exception {
    disk();
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/var/cache"));
    var all =
        new Step.CleanUp(
            true,
            Duration.ofDays(30),
            true,
            List.of("/var/logs", link.toString(), "/srv/docker/volumes/mine"));
    assertThat(run(shell, all).message())
        .as("above, below, by a link; but not what merely begins alike")
        .contains("removed old journal entries")
        .contains("the package cache left alone, since /var/cache/apt meets the protected " + link)
        .contains("unused container images left alone, since /srv/docker meets the protected");
    assertThat(calls())
        .containsExactly(
            "journalctl -q --vacuum-time=2592000s", "docker info -f {{.DockerRootDir}}");
    var everything = new Step.CleanUp(true, Duration.ofDays(30), true, List.of("/"));
    assertThat(run(shell, everything)).isInstanceOf(Refused.class);
    assertThat(calls()).doesNotContain("apt-get clean", "docker image prune -af");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void leavesImagesAloneWhereContainerdsDirectoryIsProtected(String shell) throws Exception {
    disk();
    var images = new Step.CleanUp(false, null, true, List.of("/var/lib/containerd"));
    assertThat(run(shell, images))
        .isInstanceOfSatisfying(
            Refused.class,
            refused ->
                assertThat(refused.message())
                    .contains("left alone, since /var/lib/containerd meets the protected"));
    assertThat(calls()).containsExactly("docker info -f {{.DockerRootDir}}");
  }

  private void disk() throws IOException {
    Files.writeString(directory.resolve("free"), "100000");
    program(
        "df",
        "echo Filesystem; echo \"/dev/a 1000000 900000 $(cat " + directory + "/free) 90% /\"");
    program(
        "apt-get", "echo \"apt-get $*\" >>\"$CALLS\"; echo 200000 >%s/free".formatted(directory));
    program("journalctl", "echo \"journalctl $*\" >>\"$CALLS\"");
    program("docker", "echo \"docker $*\" >>\"$CALLS\"\n[ \"$1\" != info ] || echo /srv/docker");
  }

  @Test
  void readsWhateverAHostPrints() {
    var random = new Random(7);
    String[] words = {
      "did",
      "restart",
      "\t",
      "\n",
      " ",
      "0",
      "1",
      "now",
      "weighs",
      "missing",
      "gone",
      "before",
      "after",
      "spared",
      "99999999999999999999",
      "x\u0000y",
      "…",
      "off",
      "left",
      "took",
      "absent"
    };
    for (int round = 0; round < 3000; round++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(60); i > 0; i--) {
        text.append(words[random.nextInt(words.length)]);
      }
      String output = text.toString();
      assertThat(Services.read(output, "restarted").message()).isNotNull();
      assertThat(SwapReset.read(random.nextInt(80), output).message()).isNotNull();
      assertThat(DiskCleaning.read(random.nextInt(80), output).message()).isNotNull();
    }
  }
}
