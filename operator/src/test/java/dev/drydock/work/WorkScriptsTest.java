package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.port.Script;
import dev.drydock.work.HostWork.Done;
import dev.drydock.work.PackageManager.Change;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts run for real, by every POSIX shell of this machine, with commands that just note. */
class WorkScriptsTest {
  private static final String SH = "/bin/sh";
  private static final String DASH = "/bin/dash";
  private static final String BUSYBOX = "/bin/busybox sh";
  private static final String BASH = "/bin/bash";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  private record Ran(int status, String output) {}

  @BeforeEach
  void fakes() throws IOException {
    Files.createDirectories(directory.resolve("bin"));
    fake("sudo", "shift; exec \"$@\"");
    fake("sleep", "note sleep \"$@\"");
  }

  private void fake(String name, String body) throws IOException {
    Path file = directory.resolve("bin").resolve(name);
    Files.writeString(
        file,
        "#!/bin/sh\nnote() { printf '%s|' \"$@\" >>'"
            + directory
            + "/notes'; echo >>'"
            + directory
            + "/notes'; }\n"
            + body
            + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String notes() throws IOException {
    Path notes = directory.resolve("notes");
    return Files.exists(notes) ? Files.readString(notes) : "";
  }

  /** As the SSH adapter feeds it: on standard input, in a subshell. */
  private Ran run(String shell, Script script) throws IOException, InterruptedException {
    List<String> command = List.of(shell.split(" ", -1));
    assumeThat(Path.of(command.getFirst())).exists();
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("PATH", directory.resolve("bin") + ":/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().put("HOME", directory.toString());
    Process process = builder.start();
    try (var input = process.getOutputStream()) {
      input.write(
          ("(\n" + script.render() + ") </dev/null 2>/dev/null\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), output);
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void installsSecurityUpdatesByNameAndAsksNoQuestions(String shell) throws Exception {
    fake(
        "apt-get",
        """
        note "$DEBIAN_FRONTEND" "$NEEDRESTART_MODE" "$@"
        echo "Setting up it's done"
        echo "E: something" >&2
        exit 100
        """);
    Ran ran =
        run(
            shell,
            new Apt()
                .install(
                    true,
                    List.of(new Change("openssl", "1", "2"), new Change("$(touch x)'", "1", "2"))));
    assertThat(ran.status()).isEqualTo(100);
    assertThat(ran.output()).contains("Setting up it's done", "E: something");
    assertThat(notes())
        .contains("noninteractive|a|-q|-y|-o|Dpkg::Options::=--force-confdef|")
        .contains("|--force-confold|".replace("|--", "Dpkg::Options::=--"))
        .contains("DPkg::Lock::Timeout=600|")
        .containsPattern("Dir::Etc::Preferences=/tmp/[^|]+\\|-q\\|install\\|--only-upgrade\\|")
        .contains("--no-remove|--|openssl|$(touch x)'|");
    String preferences = notes().replaceAll("(?s).*Dir::Etc::Preferences=([^|]+).*", "$1");
    assertThat(Path.of(preferences)).as("the temporary file is gone").doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void prefersTheSecurityArchiveOnlyWhereItIsAskedTo(String shell) throws Exception {
    fake(
        "apt-get",
        """
        for word; do
          case $word in
            Dir::Etc::Preferences=*) cat "${word#*=}" ;;
            --print-uris)
              printf "'http://a/b_1.deb' b_1.deb 100 SHA256:x\\n'http://a/c_1.deb' c_1.deb 23 SHA256:y\\n"
              exit
              ;;
          esac
        done
        printf 'NOTE: This is only a simulation!\\nInst b [1] (2 Debian-Security:12/x-security [all])\\n'
        """);
    Ran security = run(shell, new Apt().pending(true));
    assertThat(security.status()).isZero();
    assertThat(security.output())
        .contains("Pin: release a=*-security", "Inst b [1]", "@bytes 123")
        .doesNotContain("NOTE");
    Ran all = run(shell, new Apt().pending(false));
    assertThat(all.output()).contains("Inst b [1]", "@bytes 123").doesNotContain("Pin:");
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void notesHowFarItCame(String shell) throws Exception {
    Instant began = Instant.parse("2026-11-25T02:00:00Z");
    var begun =
        new RunNote.Begun(
            began,
            began.plusSeconds(90),
            new Before(List.of("a@x\\x2d1.service"), List.of("it's $(api)"), List.of("x.mount")),
            "");
    assertThat(run(shell, RunNote.reading("uid-1")).status()).isNotZero();
    for (RunNote note :
        List.of(
            begun,
            new RunNote.Begun(began, began, new Before(List.of(), List.of(), List.of()), ""),
            new RunNote.Begun(began, began, new Before(List.of(), List.of(), null), ""),
            begun.rebooting("b1"),
            new RunNote.Ended(began, new Done(Outcome.CutOff, "a reboot is 'still' needed")))) {
      assertThat(run(shell, note.leaving("uid-1")).status()).isZero();
      assertThat(RunNote.read(run(shell, RunNote.reading("uid-1")).output())).contains(note);
      Ran other = run(shell, RunNote.reading("uid-2"));
      assertThat(RunNote.read(other.output())).as("another run").isEmpty();
    }
    assertThat(run(shell, begun.leaving("uid-2")).status()).isZero();
    assertThat(RunNote.read(run(shell, RunNote.reading("uid-2")).output())).contains(begun);
    Path notes = directory.resolve(".drydock-runs");
    assertThat(notes.toFile().list()).containsExactlyInAnyOrder("uid-1", "uid-2");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(notes)))
        .isEqualTo("rwx------");
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void keepsTheNotesOfTheLastFiftyRuns(String shell) throws Exception {
    Path notes = Files.createDirectory(directory.resolve(".drydock-runs"));
    Instant now = Instant.now();
    for (int i = 1; i <= 60; i++) {
      Path old = Files.writeString(notes.resolve("old-" + i), "");
      Files.setLastModifiedTime(old, FileTime.from(now.minusSeconds(60L * i)));
    }
    var note = new RunNote.Ended(now, new Done(Outcome.Succeeded, "all is well"));
    assertThat(run(shell, note.leaving("uid-1")).status()).isZero();
    assertThat(notes.toFile().list())
        .hasSize(50)
        .contains("uid-1", "old-1", "old-49")
        .doesNotContain("old-50");
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void waitsWhileSomebodyElseInstalls(String shell) throws Exception {
    fake(
        "apt-get",
        """
        if [ ! -e '%s/tried' ]; then
          : >'%s/tried'
          echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 42 (apt-get)"
          exit 100
        fi
        echo "Hit:1 http://deb.debian.org/debian bookworm InRelease"
        """
            .formatted(directory, directory));
    Ran ran = run(shell, new Apt().refresh());
    assertThat(ran.status()).isZero();
    assertThat(ran.output()).contains("Hit:1").doesNotContain("Could not get lock");
    assertThat(notes()).contains("sleep|10|");
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void mendsWhatWasBrokenOff(String shell) throws Exception {
    fake("dpkg", "note dpkg \"$@\"; : >'%s/mended'".formatted(directory));
    fake(
        "dpkg-query",
        """
        printf 'ii |libc6:amd64\\nrc |old\\n'
        [ -e '%s/mended' ] || printf 'iF |x:amd64\\niW |man-db\\niHR|y\\n'
        """
            .formatted(directory));
    fake("apt-get", "note apt-get \"$@\"");
    assertThat(run(shell, new Apt().audit()).output())
        .isEqualTo(
            "x:amd64 is half configured\nman-db is waiting for triggers\ny must be installed again\n");
    assertThat(notes()).as("somebody else may be installing").contains("sleep|10|");
    Ran broken = run(shell, new Apt().repair());
    assertThat(broken.status()).isZero();
    assertThat(broken.output()).startsWith("repaired");
    assertThat(notes()).contains("dpkg|--force-confdef|--force-confold|--configure|-a|");
    assertThat(run(shell, new Apt().audit()).output()).isBlank();
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void takesNoErrorForTheNeedOfAReboot(String shell) throws Exception {
    // No kernel of this machine's counts.
    fake("ls", "exit 2");
    fake("uname", "echo 0.0.0-none");
    Script needed = Script.of(Reboots.NEEDED, List.of());
    fake("needs-restarting", "echo 'Error: Failed to download metadata' >&2; exit 1");
    assertThat(run(shell, needed).status()).isZero();
    fake("needs-restarting", "echo 'Reboot is required to fully utilize these updates.'; exit 1");
    assertThat(run(shell, needed).status()).isEqualTo(75);
    Files.delete(directory.resolve("bin/needs-restarting"));
    fake(
        "dnf",
        "note dnf \"$@\"; echo 'Reboot is required to fully utilize these updates.'; exit 1");
    assertThat(run(shell, needed).status()).isEqualTo(75);
    assertThat(notes()).contains("dnf|-C|needs-restarting|-r|");
    fake("dnf", "echo 'No such command: needs-restarting.' >&2; exit 1");
    assertThat(run(shell, needed).status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void asksDnfNoQuestions(String shell) throws Exception {
    fake(
        "dnf",
        """
        note dnf "$@"
        case $* in
          *check-update*)
            printf '\\nopenssl-libs.x86_64  1:3.2.1-3.fc40  updates\\nnew.noarch 1.0-1.fc40 updates\\n'
            exit 100
            ;;
          *remove*) printf 'Remove  2 Packages\\n' ;;
          *upgrade*) echo 'Error: Transaction test error' >&2; exit 1 ;;
        esac
        """);
    fake(
        "rpm",
        """
        note rpm "$@"
        echo 'openssl-libs.x86_64 1:3.2.1-2.fc40'
        echo 'package new.noarch is not installed'
        exit 1
        """);
    var dnf = new Dnf();
    Ran pending = run(shell, dnf.pending(true));
    assertThat(dnf.isAnswer(pending.status())).isTrue();
    List<Change> changes = dnf.read(pending.output(), true).changes();
    assertThat(changes)
        .containsExactly(
            new Change("openssl-libs", "1:3.2.1-2.fc40", "1:3.2.1-3.fc40"),
            new Change("new", "", "1.0-1.fc40"));
    assertThat(notes())
        .contains("dnf|-q|check-update|--security|", "|openssl-libs.x86_64|new.noarch|");
    Ran failed = run(shell, dnf.install(false, changes));
    assertThat(failed.status()).isEqualTo(1);
    assertThat(failed.output()).contains("Transaction test error");
    assertThat(notes()).contains("dnf|-y|-q|upgrade|\n");
    assertThat(run(shell, dnf.download(true, changes)).status()).isEqualTo(1);
    assertThat(notes()).contains("dnf|-y|-q|upgrade|--downloadonly|--security|\n");
    Ran cleaned = run(shell, dnf.clean());
    assertThat(cleaned.status()).isZero();
    assertThat(dnf.removed(cleaned.output())).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void waitsForApksLock(String shell) throws Exception {
    fake(
        "apk",
        """
        note apk "$@"
        case $* in
          *--simulate*) ;;
          *)
            if [ ! -e '%s/tried' ]; then
              : >'%s/tried'
              echo 'ERROR: Unable to lock database: temporary error (try again later)' >&2
              exit 99
            fi
            ;;
        esac
        echo '(1/1) Upgrading musl (1.2.4-r4 -> 1.2.4-r5)'
        echo 'OK: 10 MiB in 16 packages'
        """
            .formatted(directory, directory));
    var apk = new Apk();
    List<Change> changes = apk.read(run(shell, apk.pending(false)).output(), false).changes();
    assertThat(changes).containsExactly(new Change("musl", "1.2.4-r4", "1.2.4-r5"));
    Ran ran = run(shell, apk.install(false, changes));
    assertThat(ran.status()).isZero();
    assertThat(ran.output()).contains("Upgrading musl").doesNotContain("Unable to lock");
    assertThat(notes()).contains("apk|upgrade|--simulate|", "sleep|10|", "apk|upgrade|\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void runsAUsersCommandAsItStands(String shell) throws Exception {
    Ran ran =
        run(
            shell,
            HostCommands.script(
                "x='a b'; printf '<%s>' \"$x\" \"it's\" $((1+2)); echo; pwd; exit 7", ""));
    assertThat(ran.status()).isEqualTo(7);
    assertThat(ran.output()).isEqualTo("<a b><it's><3>\n" + directory.toRealPath() + "\n");
    fake("sudo", "note sudo \"$@\"; while [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\"");
    Ran other = run(shell, HostCommands.script("echo \"$0 $1\" 'q'", "garden"));
    assertThat(other.output()).isEqualTo("sh  q\n");
    assertThat(notes()).contains("sudo|-n|-H|-u|garden|--|sh|-c|");
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void keepsTheEndOfWhatIsSaid(String shell) throws Exception {
    Ran ran =
        run(
            shell,
            HostCommands.script(
                "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; exit 3", ""));
    assertThat(ran.status()).isEqualTo(3);
    assertThat(ran.output()).hasSize(8000).endsWith("line 2999\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void writesAKernelParameterDownOnce(String shell) throws Exception {
    fake("sysctl", "note sysctl \"$@\"");
    Path place = directory.resolve("sysctl d");
    Path file = place.resolve("zz-drydock-vm.swappiness.conf");
    Script fix = Audits.fix("vm.swappiness", "10", place.toString());
    assertThat(run(shell, fix).status()).isZero();
    assertThat(file).hasContent("vm.swappiness = 10\n");
    assertThat(notes()).isEqualTo("sysctl|-q|-w|--|vm.swappiness=10|\n");
    var written = Files.getLastModifiedTime(file);
    assertThat(run(shell, fix).status()).isZero();
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(written);
    try (var files = Files.list(place)) {
      assertThat(files).containsExactly(file);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void seesWhatIsReadAfterItsOwnFile(String shell) throws Exception {
    assumeThat(Path.of("/run/systemd/system")).doesNotExist();
    fake("sysctl", ":");
    Path place = directory.resolve("sysctl.d");
    Path last = directory.resolve("sysctl.conf");
    Script fix = Audits.fix("net.ipv4.tcp_rmem", "4096 131072 6291456", place.toString());
    Files.writeString(last, "# net.ipv4.tcp_rmem = 1\nnet.ipv4.tcp_rmem_x=1\n");
    assertThat(run(shell, fix).status()).isZero();
    Files.writeString(last, "net.ipv4.tcp_rmem=4096\t131072 6291456\n");
    assertThat(run(shell, fix).status()).isZero();
    Files.writeString(last, " -net/ipv4/tcp_rmem = 4096 87380 6291456\n");
    assertThat(run(shell, fix).status()).isEqualTo(76);
  }

  @Test
  void itsKernelParametersAreReadAfterDebiansOwn() {
    String script = Audits.fix("vm.swappiness", "10", "/etc/sysctl.d").render();
    String name = script.replaceAll("(?s).*file=\\$3/([a-z0-9-]+)\\$.*", "$1");
    assertThat(name).isGreaterThan("99-sysctl.conf");
  }

  @ParameterizedTest
  @ValueSource(strings = {SH, DASH, BUSYBOX, BASH})
  void findsThePackageManager(String shell) throws Exception {
    fake("apt-get", ":");
    assertThat(run(shell, Script.of(PackageManager.DETECT, List.of())).output())
        .isEqualTo("apt-get\n");
  }
}
