package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.maintenance.Verify;
import dev.drydock.api.v1alpha1.maintenance.Verify.VerifyLogs;
import dev.drydock.api.v1alpha1.maintenance.Verify.VerifyPm2;
import dev.drydock.api.v1alpha1.maintenance.Verify.VerifySystemd;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What must run again, and what is demanded of it. */
class BeforeTest {
  private static final Instant BEGAN = Instant.parse("2026-11-25T02:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "enabled, no, simple, '', true",
    "enabled-runtime, no, forking, '', true",
    "generated, no, forking, '', true",
    "enabled, no, notify, ssh.socket, true",
    "enabled, no, dbus, '', true",
    "static, no, notify, '', false",
    "indirect, no, simple, '', false",
    "disabled, no, simple, '', true",
    "disabled, no, notify, ssh.socket, false",
    "disabled, no, dbus, '', false",
    "transient, yes, simple, '', false",
    "'', yes, simple, '', false"
  })
  void knowsWhatComesBackByItself(
      String state, String transientUnit, String type, String triggeredBy, boolean expected) {
    List<String> units =
        Before.units(
            "Type="
                + type
                + "\nId=a.service\nTriggeredBy="
                + triggeredBy
                + "\nUnitFileState="
                + state
                + "\nTransient="
                + transientUnit
                + "\n\nType=simple\nId=b.service\nUnitFileState=enabled\nTransient=no\n");
    assertThat(units)
        .isEqualTo(expected ? List.of("a.service", "b.service") : List.of("b.service"));
  }

  @Test
  void readsNothingOfAHostWithoutSystemd() {
    assertThat(Before.units("")).isEmpty();
  }

  @Test
  void demandsWhatRanBeforeAndWhatIsToBeVerified() {
    var verify =
        new Verify(
            new VerifySystemd(List.of("a.service", "takopi"), 0),
            new VerifyPm2(true),
            List.of(),
            new VerifyLogs("all", null, null, "error", null),
            null);
    Map<String, Demand> demands =
        Verification.demands(
            verify,
            new Before(List.of("a.service", "b.service"), List.of("api"), null),
            BEGAN,
            BEGAN.plusSeconds(75),
            3);
    assertThat(demands)
        .containsEntry("units", new Demand.Units(List.of("a.service", "b.service", "takopi"), 0))
        .containsEntry("pm2", new Demand.Pm2(true, null, null, List.of()))
        .containsEntry("pm2 before", new Demand.Pm2(true, null, null, List.of("api")))
        .containsEntry(
            "logs", new Demand.Logs("all", null, null, "error", 75, 3, Demand.Logs.Extent.NEWEST))
        .hasSize(4);
    assertThat(Verification.demands(null, new Before(List.of(), List.of(), null), BEGAN, BEGAN, 0))
        .isEmpty();
  }

  @Test
  void namesEverythingThatIsWrongOnce() {
    assertThat(
            Verification.problem(
                new Looker.Seen(
                    Map.of(
                        "a", new Finding.Bad("x", "PM2: api is errored"),
                        "b", new Finding.Bad("x", "PM2: api is errored"),
                        "c", new Finding.Unknown("nobody knows"),
                        "d", new Finding.Fine("3 online")),
                    "",
                    "")))
        .contains("PM2: api is errored; nobody knows");
    assertThat(Verification.problem(new Looker.Unseen("no route")))
        .contains("the host can't be looked at: no route");
  }

  @Test
  void readsPm2() {
    Pm2List list =
        Pm2List.read(
            0, "0\tonline\t314572800\tmilo-aggregator\n1\tstopped\t0\tmilo-worker\nnoise\n");
    assertThat(list.names(process -> !process.isStopped())).containsExactly("milo-aggregator");
    assertThat(Audits.unlimited(list))
        .containsExactly("PM2: no max_memory_restart for milo-worker");
    assertThat(Audits.unlimited(Pm2List.read(3, "")))
        .containsExactly("PM2 does not run for the SSH user");
    assertThat(List.of(0, 3, 4, 68, 124, 127))
        .filteredOn(status -> Pm2List.read(status, "").absent())
        .as("where nobody uses it, and not where it does not answer")
        .containsExactly(3, 127);
  }
}
