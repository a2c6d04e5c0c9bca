package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import dev.drydock.port.HostShell.Answer;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.probe.Looker;
import dev.drydock.work.HostWork.Done;
import dev.drydock.work.WorkAssignment.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A whole update on a host that answers as apt, systemd and the kernel would. */
class SystemUpdatesTest {
  private static final String PENDING =
      "Inst openssl [1] (2 Debian:12.9/stable [amd64])\n@bytes 9\n";
  private static final String NOTHING = "0 upgraded\n@bytes 0\n";

  private final TestClock clock = new TestClock("2026-11-25T02:00:00Z");
  private final Host host = new Host();
  private String window = "";
  private String job = "updates-29401080";
  private List<Freeze> freezes = List.of();

  /** The host's state, and what it says of it. */
  private final class Host implements FakeHosts.Behavior {
    private Duration fetching = Duration.ZERO;
    private Duration installing = Duration.ZERO;
    private boolean installs;
    private int pm2 = 127;
    private String pending = PENDING;
    private String refreshed = "Hit:1 http://deb.debian.org\n";
    private Answer installed = FakeHosts.ended(0, "Setting up openssl\n");
    private String half = "";
    private String units = "Id=api.service\nUnitFileState=enabled\n";
    private String note = "";
    private boolean killsThePod;
    private boolean rebootRequired = true;
    private boolean comesBack = true;
    private boolean goesDown = true;
    private boolean losesConnection;
    private String unitAfter = "active";
    private int bootId = 1;
    private boolean down;
    private int reboots;

    @Override
    public Answer answer(String name, String script) {
      if (script.contains("ask_units")) {
        return down ? FakeHosts.unreachable() : FakeHosts.ended(0, look());
      }
      if (script.contains(".drydock-reboot")) {
        return note(script);
      }
      if (script.contains("as_root systemctl reboot")) {
        reboots++;
        down = !comesBack;
        bootId += goesDown ? 1 : 0;
        if (killsThePod) {
          rebootRequired = false;
          throw new IllegalStateException("the pod was killed");
        }
        return FakeHosts.lost();
      }
      if (script.contains("boot_id")) {
        return down ? FakeHosts.unreachable() : FakeHosts.ended(0, "boot-" + bootId + "\n");
      }
      if (script.contains("systemctl list-units")) {
        return FakeHosts.ended(0, units);
      }
      if (script.contains("for name in apt-get dnf apk")) {
        return FakeHosts.ended(0, "apt-get\n");
      }
      if (script.contains("--configure -a")) {
        return FakeHosts.ended(0, "");
      }
      if (script.contains("apt update")) {
        return FakeHosts.ended(0, refreshed);
      }
      if (script.contains("-s upgrade")) {
        return FakeHosts.ended(0, pending);
      }
      if (script.contains("option=-d")) {
        clock.pass(fetching);
      }
      if (script.contains("option=-q")) {
        installs = true;
        clock.pass(installing);
        pending = NOTHING;
        if (losesConnection) {
          losesConnection = false;
          return FakeHosts.lost();
        }
        return installed;
      }
      if (script.contains("dpkg --audit 2>&1 | head")) {
        return FakeHosts.ended(0, half);
      }
      if (script.contains("reboot-required")) {
        return FakeHosts.ended(rebootRequired ? 75 : 0, rebootRequired ? "openssl\n" : "");
      }
      return FakeHosts.ended(script.contains("pm2_run") ? pm2 : 0, "");
    }

    private Answer note(String script) {
      if (script.contains("cat ")) {
        return FakeHosts.ended(note.isEmpty() ? 1 : 0, note);
      }
      note =
          script.contains("mv -f")
              ? script.substring("set -- '".length(), script.indexOf("'\n")).replace("' '", "\n")
              : "";
      return FakeHosts.ended(0, "");
    }

    private String look() {
      return "@units 0\n Id=api.service\n LoadState=loaded\n ActiveState="
          + unitAfter
          + "\n SubState=running\n Result=success\n";
    }
  }

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

  private Done update(RebootPolicy policy) throws InterruptedException {
    var access =
        new HostAccess(
            "a", "a", 22, "u", new HostAccess.Identity("key", null, null), List.of(), null);
    var target =
        new Target(
            "a",
            new Reach("a", "a", 22, "u", "key", List.of(), null),
            1000,
            List.of(Permit.Update, Permit.Reboot),
            true);
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
    try (var site = new Site(means, target, access, work, lock, admission, job)) {
      return update.on(site);
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
    assertThat(host.note).as("nobody has to go on there").isEmpty();
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
    host.losesConnection = true;
    host.rebootRequired = false;
    assertThat(update(RebootPolicy.IfRequired))
        .isEqualTo(
            new Done(
                Outcome.Succeeded, "1 package upgraded (openssl 1 → 2), 9B fetched; all is well"));
    assertThat(hosts.events())
        .containsSubsequence("to its end a", "forget a", "unlock a", "lock a [host]");
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
