package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Freeze;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.api.v1alpha1.maintenance.SystemUpdate;
import dev.drydock.api.v1alpha1.maintenance.SystemUpdate.Reboot;
import dev.drydock.api.v1alpha1.maintenance.SystemUpdate.RebootPolicy;
import dev.drydock.kernel.Admission;
import dev.drydock.kernel.Work;
import dev.drydock.port.Credentials;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.probe.Looker;
import dev.drydock.work.HostWork.Done;
import dev.drydock.work.WorkAssignment.Target;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole update on a host that answers as apt, systemd and the kernel would. */
class SystemUpdatesTest {
  private final TestClock clock = new TestClock("2026-11-25T02:00:00Z");
  private final AptHost host = new AptHost(clock);
  private String window = "";
  private String job = "updates-29401080";
  private final Progress others = new Progress(List.of(), 0, 2, false, Optional.empty());
  private List<Freeze> freezes = List.of();

  private final FakeHosts hosts = new FakeHosts(host);

  private static MaintenanceTask task(String more) {
    try {
      return new ObjectMapper()
          .readValue(
              "{\"name\":\"updates\",\"schedule\":\"0 2 * * 3\"" + more + "}",
              MaintenanceTask.class);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Site.Run run(Admission admission) {
    return new Site.Run(admission, job, others);
  }

  private Done update(RebootPolicy policy) throws InterruptedException {
    var access =
        new HostAccess(
            "a", "a", 22, "u", new HostAccess.Identity("key", null, null), List.of(), null);
    var target = target("a");
    var update = new SystemUpdates(new SystemUpdate(null, null, new Reboot(policy, "2m"), null));
    var work = new Work("maintenance", update.touches());
    HostLock lock = ((HostLock.Held) hosts.lock(access, work, Duration.ZERO, Duration.ZERO)).lock();
    var means =
        new Site.Means(
            hosts,
            new Looker(hosts, new NoNetwork(), new FakeDatabase(), clock),
            new FakeDatabase(),
            Credentials.NONE,
            clock,
            clock::pass);
    var admission = new Admission(task(window), "Etc/UTC", freezes, null, clock.instant());
    try (var site = new Site(means, target, access, work, lock, run(admission))) {
      if (RunNote.find(hosts, access, job) instanceof RunNote.Told(Optional<RunNote> note)
          && note.orElse(null) instanceof RunNote.Begun begun) {
        site.takeUp(begun);
      }
      Done done = update.on(site);
      job += "0"; // The next one is of another run, unless the pod was killed.
      return done;
    }
  }

  @Test
  void updatesAndProvesTheReboot() throws Exception {
    assertThat(update(RebootPolicy.IfRequired))
        .isEqualTo(
            new Done(
                Outcome.Succeeded,
                "1 package upgraded (openssl 1 → 2), 9B fetched; rebooted in 2s, which was needed"
                    + " by openssl; all is well"));
    assertThat(host.reboots).isEqualTo(1);
    assertThat(hosts.events())
        .as("the lock of before the reboot is given up, and another one is taken")
        .endsWith("forget a", "unlock a", "lock a [host]", "unlock a");
  }

  @Test
  void rebootsOnlyWhenItHasTo() throws Exception {
    host.rebootRequired = false;
    assertThat(update(RebootPolicy.IfRequired).message()).doesNotContain("reboot");
    assertThat(host.reboots).isZero();
    update(RebootPolicy.Always);
    assertThat(host.reboots).isEqualTo(1);
    host.rebootRequired = true;
    assertThat(update(RebootPolicy.Never))
        .isEqualTo(
            new Done(
                Outcome.Succeeded,
                "nothing to upgrade; a reboot is needed by openssl, and reboot.policy is Never; all"
                    + " is well"));
    assertThat(host.reboots).isEqualTo(1);
  }

  @Test
  void anUpdateWhosePodIsKilledAtTheRebootIsVerifiedByTheNextOne() throws Exception {
    host.killsThePod = true;
    assertThatThrownBy(() -> update(RebootPolicy.Always)).hasMessage("the pod was killed");
    // What does not come up is not there to be seen as having run before.
    host.units = "";
    host.unitAfter = "inactive";
    Done done = update(RebootPolicy.Always);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message())
        .contains("api.service", "(done: rebooted by an earlier pod of this run; nothing to");
    assertThat(host.reboots).isEqualTo(1);
  }

  @Test
  void whatAnotherRunLeftSaysNothing() throws Exception {
    host.killsThePod = true;
    assertThatThrownBy(() -> update(RebootPolicy.Always)).hasMessage("the pod was killed");
    host.killsThePod = false;
    job = "updates-29411160";
    assertThat(update(RebootPolicy.Always))
        .isEqualTo(new Done(Outcome.Succeeded, "nothing to upgrade; rebooted in 2s; all is well"));
    assertThat(host.reboots).isEqualTo(2);
  }

  @Test
  void saysFirstThatAHostDidNotComeBack() throws Exception {
    host.comesBack = false;
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.lost()).isTrue();
    assertThat(done.message())
        .startsWith("did not come back after the reboot within 2m (no route to host)")
        .contains("1 package upgraded");
  }

  @Test
  void theSameBootIdIsNoReboot() throws Exception {
    host.goesDown = false;
    assertThat(update(RebootPolicy.Always).message())
        .startsWith("did not go down for the reboot within 2m");
  }

  @Test
  void whatBreaksOffGoesOn() throws Exception {
    host.losesConnectionAt = "option=-q";
    host.rebootRequired = false;
    assertThat(update(RebootPolicy.IfRequired))
        .isEqualTo(
            new Done(
                Outcome.Succeeded, "1 package upgraded (openssl 1 → 2), 9B fetched; all is well"));
    assertThat(hosts.events())
        .containsSubsequence("to its end a", "forget a", "unlock a", "lock a [host]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"apt autoremove", "apt update", "reboot-required", "list-units", "option=-d"})
  void whereverItBreaksOffItGoesOn(String step) throws Exception {
    host.losesConnectionAt = step;
    assertThat(update(RebootPolicy.IfRequired))
        .isEqualTo(
            new Done(
                Outcome.Succeeded,
                "1 package upgraded (openssl 1 → 2), 9B fetched; rebooted in 2s, which was needed"
                    + " by openssl; all is well"));
    assertThat(hosts.events()).containsSubsequence("forget a", "unlock a", "lock a [host]");
  }

  @Test
  void waitsForAHostThatIsAwayAfterTheConnectionBroke() throws Exception {
    host.losesConnectionAt = "apt autoremove";
    host.onLoss = () -> hosts.away(3);
    host.rebootRequired = false;
    assertThat(update(RebootPolicy.IfRequired).outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(clock.instant()).isEqualTo(Instant.parse("2026-11-25T02:00:15Z"));
  }

  @Test
  void waitsForAHostThatStillGoesDownAsAnEarlierPodHadIt() throws Exception {
    host.killsThePod = true;
    assertThatThrownBy(() -> update(RebootPolicy.Always)).hasMessage("the pod was killed");
    host.killsThePod = false;
    host.stopping = 3;
    assertThat(update(RebootPolicy.Always).message())
        .startsWith("rebooted by an earlier pod of this run; nothing to upgrade");
    assertThat(host.reboots).isEqualTo(1);
    assertThat(host.stopping).isZero();
  }

  @Test
  void whatWasBegunIsMendedAndProvenAfterTheWindowAndNoMore() throws Exception {
    window = ",\"window\":{\"duration\":\"1h\"}";
    host.onInstall =
        () -> {
          throw new IllegalStateException("the pod was killed");
        };
    assertThatThrownBy(() -> update(RebootPolicy.IfRequired)).hasMessage("the pod was killed");
    host.onInstall = () -> {};
    host.units = "";
    clock.pass(Duration.ofHours(2));
    host.repaired = "repaired\n";
    host.unitAfter = "inactive";
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message())
        .as("what ran before the first pod")
        .contains("api.service")
        .contains("'install' was not begun, since 0s were left")
        .contains("an installation that had been broken off was completed");
    assertThat(host.reboots).isZero();
  }

  @Test
  void whatWasBegunInstallsNothingInAFreeze() throws Exception {
    host.onInstall =
        () -> {
          throw new IllegalStateException("the pod was killed");
        };
    assertThatThrownBy(() -> update(RebootPolicy.IfRequired)).hasMessage("the pod was killed");
    freezes = List.of(new Freeze("2026-11-25T02:00:00Z", "2026-11-26T02:00:00Z", "a fair"));
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.CutOff);
    assertThat(done.message())
        .startsWith("'install' was not begun: nothing starts until 2026-11-26T02:00:00Z: a fair");
  }

  @Test
  void rebootsNoHostAfterOneThatDidNotSurviveIt() throws Exception {
    host.onInstall = this::anotherIsLost;
    assertThat(update(RebootPolicy.IfRequired))
        .isEqualTo(
            new Done(
                Outcome.CutOff,
                "a reboot is still needed by openssl: b did not come back after its reboot, see to"
                    + " that first (done: 1 package upgraded (openssl 1 → 2), 9B fetched)"));
    assertThat(host.reboots).isZero();
  }

  @Test
  void installsNothingAfterOneThatDidNotSurviveItsReboot() throws Exception {
    anotherIsLost();
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.CutOff);
    assertThat(done.message())
        .startsWith(
            "'install' was not begun: b did not come back after its reboot, see to that first");
    assertThat(host.installs).isFalse();
  }

  @Test
  void rebootsWhenNoOtherOneIs() throws Exception {
    others.awaitRebootTurn(other());
    var done = new CompletableFuture<Done>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                done.complete(update(RebootPolicy.IfRequired));
              } catch (InterruptedException e) {
                done.completeExceptionally(e);
              }
            });
    await().until(() -> host.installs);
    await().during(Duration.ofMillis(300)).until(() -> host.reboots == 0);
    others.done(other(), new Done(Outcome.Succeeded, "all is well"));
    others.endRebootTurn(other());
    assertThat(done.get(10, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(host.reboots).isEqualTo(1);
  }

  @Test
  void rebootsNoHostAfterOneThatFailed() throws Exception {
    host.onInstall = () -> others.done(other(), new Done(Outcome.Failed, "api.service is dead"));
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome())
        .as("the next run begins with all hosts anew")
        .isEqualTo(Outcome.Failed);
    assertThat(done.message())
        .startsWith(
            "a reboot is still needed by openssl: more hosts have failed than strategy.maxFailures"
                + " allows");
    assertThat(host.reboots).isZero();
  }

  @Test
  void namesWhatHasFailedAnew() throws Exception {
    host.failed = "old.service\n";
    host.onReboot = () -> host.failed = "data.mount\nold.service\n";
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message()).startsWith("data.mount has failed, and had not before");
  }

  @Test
  void whatFailedIsNamedWithWhatItLeftDead() throws Exception {
    host.installed = FakeHosts.ended(100, "E: Sub-process dpkg returned an error code (1)\n");
    host.unitAfter = "failed";
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message()).contains("apt-get ended with status 100", "api.service");
  }

  @Test
  void aHostThatNeedsARebootAfterItsRebootIsSaid() throws Exception {
    host.onReboot = () -> host.rebootRequired = true;
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message())
        .startsWith("it was rebooted, and still needs that by openssl: see what it boots");
    assertThat(host.reboots).isEqualTo(1);
  }

  private void anotherIsLost() {
    others.done(other(), new Done(Outcome.Failed, "gone").ofLost());
  }

  private static Target other() {
    return target("b");
  }

  private static Target target(String name) {
    return new Target(
        name,
        new Reach(name, name, 22, "u", "key", List.of(), null),
        1000,
        List.of(Permit.Update, Permit.Reboot),
        true);
  }

  @Test
  void beginsNoInstallationThatTheWindowIsTooShortFor() throws Exception {
    window = ",\"window\":{\"duration\":\"10m\"}";
    host.fetching = Duration.ofMinutes(18);
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.CutOff);
    assertThat(done.message())
        .startsWith(
            "'install' was not begun, since 12m were left, and it should have 15m at the least:"
                + " make the window longer");
    assertThat(host.installs).isFalse();
    assertThat(host.reboots).isZero();
    host.fetching = Duration.ofMinutes(15);
    assertThat(update(RebootPolicy.Never).outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(host.installs).isTrue();
  }

  @Test
  void saysThatAnInstallationWhichTakesTooLongGoesOn() throws Exception {
    host.installed = FakeHosts.late();
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message())
        .startsWith("'install' did not end within 5h59m; the host goes on with it for 30m");
    assertThat(host.reboots).isZero();
  }

  @Test
  void leavesARebootThatTheWindowHasNoTimeForToTheNextOne() throws Exception {
    window = ",\"window\":{\"duration\":\"1h\"}";
    host.installing = Duration.ofMinutes(59);
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.CutOff);
    assertThat(done.message())
        .startsWith("a reboot is still needed by openssl: it may take 2m (reboot.timeout)")
        .endsWith("(done: 1 package upgraded (openssl 1 → 2), 9B fetched)");
    assertThat(host.reboots).isZero();

    assertThat(update(RebootPolicy.IfRequired))
        .as("then there is nothing to install, and there is time")
        .isEqualTo(
            new Done(
                Outcome.Succeeded,
                "nothing to upgrade; rebooted in 2s, which was needed by openssl; all is well"));
    assertThat(host.reboots).isEqualTo(1);
  }

  @Test
  void whatFailedWithoutTheRebootIsAFailure() throws Exception {
    freezes = List.of(new Freeze("2026-11-25T02:10:00Z", "2026-11-26T02:00:00Z", "a fair"));
    host.installing = Duration.ofMinutes(15);
    host.unitAfter = "inactive";
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message())
        .contains("api.service", "a reboot is still needed by openssl: nothing starts until");
    assertThat(host.reboots).isZero();
  }

  @Test
  void beginsNothingWherePm2CanNotSayWhatRuns() throws Exception {
    host.pm2 = 124;
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done)
        .isEqualTo(
            new Done(
                Outcome.Failed,
                "nothing was begun, since nobody can tell which PM2 processes run: pm2 jlist"
                    + " printed no list in time"));
    assertThat(host.installs).isFalse();
    host.pm2 = 3;
    assertThat(update(RebootPolicy.IfRequired).outcome())
        .as("where its daemon does not run, none do")
        .isEqualTo(Outcome.Succeeded);
  }

  @Test
  void halfInstalledPackagesAreAFailure() throws Exception {
    host.half = "The following packages are only half configured:\n openssl\n";
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message()).startsWith("packages are half installed").contains("openssl");
    assertThat(host.reboots).isZero();
  }

  @Test
  void namesWhatDidNotComeBack() throws Exception {
    host.unitAfter = "inactive";
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message()).contains("api.service", "(after 2m)");
  }

  @Test
  void anArchiveThatDoesNotAnswerIsToldThoughTheOthersWereUsed() throws Exception {
    host.refreshed = "W: Failed to fetch http://lost.example.com/InRelease  timed out\n";
    Done done = update(RebootPolicy.IfRequired);
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message())
        .startsWith("1 archive gave no valid answer")
        .contains("http://lost.example.com/InRelease", "1 package upgraded");
  }
}
