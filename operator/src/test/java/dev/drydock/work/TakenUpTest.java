package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Admission;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.task.MaintainTask;
import dev.drydock.work.WorkAssignment.Target;
import dev.drydock.work.WorkResult.HostResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An update whose pod is killed, and the pod that comes after it. */
class TakenUpTest {
  private static final String SLOT = "2026-11-25T02:00:00Z";
  private static final String ALWAYS =
      "\"systemUpdate\":{\"reboot\":{\"policy\":\"Always\",\"timeout\":\"2m\"}}";
  private static final String NEVER = "\"systemUpdate\":{\"reboot\":{\"policy\":\"Never\"}}";
  private static final String SENTENCE =
      "; an earlier pod of this run was ended amid its work, and this one took it up";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  private final TestClock clock = new TestClock(SLOT);
  private final Map<String, AptHost> machines = new TreeMap<>();
  private final FakeHosts hosts =
      new FakeHosts((name, script) -> machine(name).answer(name, script));
  private String run = "uid-1";
  private String slot = SLOT;
  private boolean first;

  /** What ends a pod's thread at once. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  @BeforeEach
  void machines() {
    List.of("a", "b", "c").forEach(name -> machines.put(name, new AptHost(clock)));
    hosts.away(name -> machine(name).isAway());
  }

  private AptHost machine(String name) {
    return Objects.requireNonNull(machines.get(name));
  }

  /** Runs a pod, and returns what it left word of. */
  private WorkResult pod(String more) throws IOException {
    Files.createDirectories(directory.resolve("assignment"));
    Files.createDirectories(directory.resolve("identities/key"));
    Files.writeString(directory.resolve("identities/key/ssh-privatekey"), "key");
    MaintenanceTask task =
        new ObjectMapper()
            .readValue(
                "{\"name\":\"updates\",\"schedule\":\"0 2 * * 3\"," + more + "}",
                MaintenanceTask.class);
    List<Target> targets =
        machines.keySet().stream()
            .map(
                name ->
                    new Target(
                        name,
                        new Reach(name, "192.0.2.1", 22, "ops", "key", List.of(), null),
                        1000,
                        List.of(Permit.Update, Permit.Reboot),
                        true))
            .toList();
    Files.writeString(
        directory.resolve("assignment/assignment.json"),
        new WorkAssignment("ns", "main", "Etc/UTC", List.of(), task, targets, List.of()).toJson());
    Path result = directory.resolve("result");
    Files.deleteIfExists(result);
    new MaintainTask(
            new MaintainTask.Ports(hosts, new NoNetwork(), new FakeDatabase()),
            clock,
            clock::pass,
            new MaintainTask.Settings(directory, result, "updates-29401080", slot, run, first))
        .run();
    return WorkResult.decode(Files.readString(result)).orElseThrow();
  }

  private void killAtInstalling(String name) {
    machine(name).onInstall =
        () -> {
          machine(name).onInstall = () -> {};
          throw new Killed();
        };
  }

  @Test
  void anUpdateThatWasKilledIsTakenUpHoweverLateThatIs() throws Exception {
    killAtInstalling("a");
    pod(ALWAYS);
    clock.pass(Duration.ofMinutes(8));
    machine("a").repaired = "repaired\n";
    WorkResult result = pod(ALWAYS);
    assertThat(result.outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(result.message()).isEqualTo("done: a, b, c" + SENTENCE);
    assertThat(result.hosts().getFirst().message())
        .startsWith("an installation that had been broken off was completed; 1 package upgraded");
    assertThat(machines.values()).allMatch(machine -> machine.reboots == 1);
  }

  @Test
  void afterTheCutoffOnlyWhatWasBegunGoesOn() throws Exception {
    String window = ALWAYS + ",\"window\":{\"duration\":\"2h\",\"cutoff\":\"30m\"}";
    killAtInstalling("b");
    pod(window);
    clock.pass(Duration.ofMinutes(95));
    machine("a").repairs = 0;
    WorkResult result = pod(window);
    assertThat(result.outcome()).isEqualTo(Outcome.CutOff);
    assertThat(result.message())
        .isEqualTo(
            "nothing starts after 2026-11-25T03:30:00Z; done: a, b; not begun: c; the next window"
                + " goes on there"
                + SENTENCE);
    assertThat(result.unfinished()).isTrue();
    assertThat(machine("a").reboots).as("it was done").isEqualTo(1);
    assertThat(machine("a").repairs).isZero();
    assertThat(machine("b").reboots).isEqualTo(1);
    assertThat(machine("c").notes).isEmpty();
  }

  @Test
  void afterTheWindowWhatWasBegunIsOnlyMendedAndProven() throws Exception {
    String window = ALWAYS + ",\"window\":{\"duration\":\"1h\"}";
    killAtInstalling("a");
    pod(window);
    machine("a").repairs = 0;
    machine("a").units = "";
    clock.pass(Duration.ofHours(2));
    WorkResult result = pod(window);
    assertThat(result.hosts())
        .singleElement()
        .satisfies(
            host -> {
              assertThat(host.outcome()).isEqualTo(Outcome.CutOff);
              assertThat(host.message()).startsWith("'install' was not begun, since 0s were left");
            });
    assertThat(machine("a").repairs).isEqualTo(1);
    assertThat(machine("a").reboots).isZero();
    assertThat(machine("b").notes).isEmpty();
  }

  @Test
  void aHostThatIsDoneKeepsItsOutcome() throws Exception {
    machine("a").half = "The following packages are only half configured:\n openssl\n";
    killAtInstalling("b");
    String three = ALWAYS + ",\"strategy\":{\"maxFailures\":1}";
    pod(three);
    machine("a").half = "";
    WorkResult result = pod(three);
    assertThat(result.hosts())
        .extracting(HostResult::name, HostResult::outcome)
        .containsExactly(
            tuple("a", Outcome.Failed),
            tuple("b", Outcome.Succeeded),
            tuple("c", Outcome.Succeeded));
    assertThat(result.hosts().getFirst().message()).startsWith("packages are half installed");
    assertThat(machine("a").repairs).isEqualTo(1);
  }

  @Test
  void waitsForAHostThatTheEarlierPodHasRebooted() throws Exception {
    machine("a").onReboot =
        () -> {
          machine("a").down = true;
          throw new Killed();
        };
    pod(ALWAYS);
    clock.pass(Duration.ofMinutes(6));
    machine("a").comesBackAt = Instant.parse(SLOT).plus(Duration.ofMinutes(7));
    machine("a").units = "";
    WorkResult result = pod(ALWAYS);
    assertThat(result.outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(machine("a").reboots).isEqualTo(1);
    assertThat(result.hosts().getFirst().message())
        .startsWith("rebooted by an earlier pod of this run; nothing to upgrade");
  }

  @Test
  void aFirstPodThatComesTooLateTouchesNothing() throws Exception {
    clock.pass(Duration.ofMinutes(8));
    WorkResult result = pod(ALWAYS);
    assertThat(result.outcome()).isEqualTo(Outcome.Missed);
    assertThat(result.message())
        .isEqualTo(
            "it was due at 2026-11-25T02:00:00Z and could not start until 2026-11-25T02:05:00Z");
    assertThat(result.unfinished()).isTrue();
    assertThat(hosts.events()).isEmpty();
  }

  @Test
  void whatAnotherRunHasBegunIsNotOfThisOne() throws Exception {
    killAtInstalling("a");
    pod(ALWAYS);
    run = "uid-2";
    clock.pass(Duration.ofMinutes(8));
    assertThat(pod(ALWAYS).outcome()).isEqualTo(Outcome.Missed);
  }

  @Test
  void aRunThatComesBetweenTwoPodsOfAnotherTakesNoNoteOfIt() throws Exception {
    killAtInstalling("b");
    pod(ALWAYS);
    machines.forEach((_, machine) -> machine.repairs = 0);
    run = "uid-of-elsewhere";
    machine("b").down = true;
    pod(ALWAYS);
    assertThat(machine("a").reboots).as("by the other run, too").isEqualTo(2);
    machine("b").comesBackAt = clock.instant();
    run = "uid-1";
    WorkResult result = pod(ALWAYS);
    assertThat(result.message()).isEqualTo("done: a, b, c" + SENTENCE);
    assertThat(machine("a").reboots).isEqualTo(2);
    assertThat(machine("b").repairs).as("it is seen to its end").isEqualTo(1);
  }

  private void killAtRebooting(String name) {
    machine(name).comesBack = false;
    machine(name).onReboot =
        () -> {
          machine(name).onReboot = () -> {};
          throw new Killed();
        };
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 8})
  void aHostThatTheEarlierPodMayHaveRebootedIsLostIfItStaysAway(long minutes) throws Exception {
    String more = ALWAYS + ",\"strategy\":{\"maxFailures\":5}";
    killAtRebooting("b");
    pod(more);
    clock.pass(Duration.ofMinutes(minutes));
    WorkResult result = pod(more);
    assertThat(result.hosts())
        .extracting(HostResult::name, HostResult::outcome, HostResult::lost)
        .containsExactly(tuple("b", Outcome.Failed, true), tuple("a", Outcome.Succeeded, false));
    assertThat(result.message())
        .startsWith("failed: b (an earlier pod of this run may have rebooted it, look at its ")
        .endsWith("; not begun: c, since a host did not come back" + SENTENCE);
    assertThat(machine("c").notes).isEmpty();
  }

  /** Nothing tells such a pod from a first one that finds a host down. */
  @Test
  void noHostIsRebootedWhileOneIsAwayThatAnEarlierPodMayHaveRebooted() throws Exception {
    String more = ALWAYS + ",\"strategy\":{\"maxFailures\":1}";
    killAtRebooting("a");
    pod(more);
    WorkResult result = pod(more);
    assertThat(result.hosts())
        .extracting(HostResult::name, HostResult::outcome)
        .containsExactly(tuple("a", Outcome.Failed), tuple("b", Outcome.CutOff));
    assertThat(result.hosts().getLast().message())
        .startsWith(
            "'install' was not begun: a does not answer, and an earlier pod of this run may have"
                + " rebooted it: see to that first");
    assertThat(machine("b").reboots).isZero();
    assertThat(machine("c").notes).isEmpty();
  }

  @Test
  void aFirstPodKnowsThatNobodyHasRebootedAHostThatIsDown() throws Exception {
    machine("a").down = true;
    first = true;
    WorkResult result = pod(ALWAYS + ",\"strategy\":{\"maxFailures\":1}");
    assertThat(result.hosts())
        .extracting(HostResult::name, HostResult::outcome)
        .containsExactly(
            tuple("a", Outcome.Failed),
            tuple("b", Outcome.Succeeded),
            tuple("c", Outcome.Succeeded));
    assertThat(machine("b").reboots).isEqualTo(1);
  }

  /** Ends the pod before it notes anything on b. */
  private void killBeforeTheSecondHost() {
    var locks = new AtomicInteger();
    hosts.onLock(
        () -> {
          if (locks.incrementAndGet() == 2) {
            throw new Killed();
          }
        });
  }

  @Test
  void theRunEndsWhenItsFirstPodHadToEndIt() throws Exception {
    machine("a").installing = Duration.ofHours(5);
    killBeforeTheSecondHost();
    pod(NEVER);
    clock.pass(Duration.ofMinutes(40));
    WorkResult result = pod(NEVER);
    assertThat(result.message())
        .isEqualTo(
            "nothing starts after 2026-11-25T07:29:00Z, since activeDeadlineSeconds end the run 6h"
                + " after its start; done: a; not begun: b, c; the next window goes on there"
                + SENTENCE);
    assertThat(machine("b").notes).isEmpty();
  }

  @Test
  void theWindowOfARunThatAPersonStartedOpensOnce() throws Exception {
    slot = Admission.NOT_DUE;
    String window = NEVER + ",\"window\":{\"duration\":\"2h\",\"cutoff\":\"30m\"}";
    killBeforeTheSecondHost();
    pod(window);
    clock.pass(Duration.ofMinutes(100));
    WorkResult result = pod(window);
    assertThat(result.outcome()).isEqualTo(Outcome.CutOff);
    assertThat(result.message()).startsWith("nothing starts after 2026-11-25T03:30:00Z; done: a;");
    assertThat(machine("b").notes).isEmpty();
  }

  @Test
  void whereNoHostAnswersMostAreNotEvenAsked() throws Exception {
    List.of("d", "e").forEach(name -> machines.put(name, new AptHost(clock)));
    machines.values().forEach(machine -> machine.down = true);
    WorkResult result = pod(ALWAYS);
    assertThat(result.hosts()).extracting(HostResult::name).containsExactly("a", "b");
    assertThat(result.message())
        .isEqualTo(
            "failed: a, b (the host can't be worked on: no route to host); not begun: c, d, e");
  }

  @Test
  void aHostThatCantBeAskedDoesNotHideWhatWasBegunBehindIt() throws Exception {
    killAtInstalling("b");
    pod(NEVER);
    machine("a").down = true;
    machine("b").repairs = 0;
    WorkResult result = pod(NEVER);
    assertThat(result.hosts())
        .extracting(HostResult::name, HostResult::outcome)
        .containsExactly(tuple("a", Outcome.Failed), tuple("b", Outcome.Succeeded));
    assertThat(machine("b").repairs).isEqualTo(1);
  }

  @Test
  void aHostThatDoesNotComeBackStopsTheRunWhateverFailuresAreAllowed() throws Exception {
    machine("a").comesBack = false;
    WorkResult result = pod(ALWAYS + ",\"strategy\":{\"maxFailures\":5}");
    assertThat(result.hosts())
        .singleElement()
        .satisfies(
            host -> {
              assertThat(host.lost()).isTrue();
              assertThat(host.message()).startsWith("did not come back after the reboot");
            });
    assertThat(result.message())
        .startsWith("failed: a (did not come back after the reboot within 2m (no route to host):")
        .endsWith("; not begun: b, c, since a host did not come back");
    assertThat(result.unfinished()).isFalse();
  }
}
