package dev.drydock.work;

import dev.drydock.port.HostShell.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** A host's state, and what it says of it as apt, systemd and the kernel would. */
final class AptHost implements FakeHosts.Behavior {
  private static final String PENDING =
      "Inst openssl [1] (2 Debian:12.9/stable [amd64])\n@bytes 9\n";
  private static final String NOTHING = "0 upgraded\n@bytes 0\n";
  private static final String NOWHERE = "no script says this";

  private final TestClock clock;
  Duration fetching = Duration.ZERO;
  Duration installing = Duration.ZERO;
  volatile boolean installs;
  int pm2 = 127;
  String pending = PENDING;
  String refreshed = "Hit:1 http://deb.debian.org\n";
  Answer installed = FakeHosts.ended(0, "Setting up openssl\n");
  String half = "";
  String repaired = "";
  String units = "Id=api.service\nUnitFileState=enabled\n";

  /** By the name of their run. */
  final Map<String, String> notes = new TreeMap<>();

  Runnable onInstall = () -> {};
  Runnable onLoss = () -> {};
  Runnable onReboot = () -> {};
  Instant comesBackAt = Instant.MAX;
  boolean killsThePod;
  boolean rebootRequired = true;
  boolean comesBack = true;
  boolean goesDown = true;
  String losesConnectionAt = NOWHERE;
  String unitAfter = "active";
  String failed = "";
  int bootId = 1;
  int stopping;
  int repairs;
  boolean down;
  int reboots;

  AptHost(TestClock clock) {
    this.clock = clock;
  }

  @Override
  public Answer answer(String name, String script) {
    isAway();
    Answer answer = answer(script);
    if (script.contains(losesConnectionAt)) {
      losesConnectionAt = NOWHERE;
      onLoss.run();
      return FakeHosts.lost();
    }
    return answer;
  }

  boolean isAway() {
    down = down && clock.instant().isBefore(comesBackAt);
    return down;
  }

  private Answer answer(String script) {
    if (script.contains("ask_units")) {
      return down ? FakeHosts.unreachable() : FakeHosts.ended(0, look());
    }
    if (script.contains(".drydock-runs")) {
      return down ? FakeHosts.unreachable() : note(script);
    }
    if (script.contains("as_root systemctl reboot")) {
      reboots++;
      down = !comesBack;
      bootId += goesDown ? 1 : 0;
      rebootRequired = rebootRequired && !goesDown;
      onReboot.run();
      if (killsThePod) {
        throw new IllegalStateException("the pod was killed");
      }
      return FakeHosts.lost();
    }
    if (script.contains("!= stopping") && stopping > 0) {
      stopping--;
      return FakeHosts.ended(75, "boot-" + (bootId - 1) + "\n");
    }
    if (script.contains("boot_id")) {
      if (stopping > 0) {
        stopping--;
        return FakeHosts.ended(0, "boot-" + (bootId - 1) + "\n");
      }
      return down ? FakeHosts.unreachable() : FakeHosts.ended(0, "boot-" + bootId + "\n");
    }
    if (script.contains("--state=failed")) {
      return down ? FakeHosts.unreachable() : FakeHosts.ended(0, failed);
    }
    if (script.contains("systemctl list-units")) {
      return FakeHosts.ended(0, units);
    }
    if (script.contains("for name in apt-get dnf apk")) {
      return FakeHosts.ended(0, "apt-get\n");
    }
    if (script.contains("--configure -a")) {
      repairs++;
      return FakeHosts.ended(0, repaired);
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
      onInstall.run();
      clock.pass(installing);
      pending = NOTHING;
      return installed;
    }
    if (script.contains("for pause in")) {
      return FakeHosts.ended(0, half);
    }
    if (script.contains("reboot-required")) {
      return FakeHosts.ended(rebootRequired ? 75 : 0, rebootRequired ? "openssl\n" : "");
    }
    return FakeHosts.ended(script.contains("pm2_run") ? pm2 : 0, "");
  }

  private Answer note(String script) {
    String[] words =
        script
            .substring("set -- '".length(), script.indexOf("'\n"))
            .replace("'\\''", "’")
            .replace("' '", "\n")
            .replace("’", "'")
            .split("\n", 2);
    if (script.contains("cat ")) {
      String note = notes.getOrDefault(words[0], "");
      return FakeHosts.ended(note.isEmpty() ? 1 : 0, note);
    }
    notes.put(words[0], words[1]);
    return FakeHosts.ended(0, "");
  }

  private String look() {
    return "@units 0\n Id=api.service\n LoadState=loaded\n ActiveState="
        + unitAfter
        + "\n SubState=running\n Result=success\n";
  }
}
