package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.maintenance.RunPlan.Before;
import dev.drydock.maintenance.RunPlan.Decision;
import dev.drydock.maintenance.RunPlan.End;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The gates, one by one and in their order. */
class RunPlanTest {
  private static final Instant DUE = Instant.parse("2026-11-25T02:00:00Z");
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static final MaintenanceScheduleSpec SPEC =
      Schedules.of(
          """
          hosts: {names: [ethbig]}
          freezes: [{from: "2026-12-20T00:00:00Z", to: "2027-01-03T00:00:00Z", reason: year end}]
          tasks:
          - name: update
            schedule: "0 2 * * 3"
            window: {duration: 2h, cutoff: 30m}
            systemUpdate: {reboot: {policy: Always}}
          - {name: upgrade, schedule: "0 6 ? * SAT#2", approval: Required, command: {run: "true"}}
          """);

  /** A request that can be changed in one respect. */
  private static final class Asked {
    private MaintenanceTask task = SPEC.tasks().getFirst();
    private Optional<String> suspended = Optional.empty();
    private Optional<Instant> slot = Optional.of(DUE);
    private Instant created = DUE;
    private boolean begun;
    private List<LocalDate> approved = List.of();
    private List<Before> before = List.of();
    private Map<String, Host> hosts = Map.of("ethbig", host("True", "Update, Reboot, Command"));
    private Optional<String> refusal = Optional.empty();
    private boolean isCurrent = true;
    private Optional<String> obstacle = Optional.empty();
    private List<String> alerts = List.of();
    private Optional<String> rival = Optional.empty();

    Decision at(Instant now) {
      return RunPlan.decide(
          new RunPlan.Request(
              "-n ops ms/main",
              "-n ops job/main-garden-1",
              task,
              Calendar.of(SPEC),
              SPEC.freezes(),
              suspended,
              slot,
              created,
              begun,
              approved,
              "late@2026-12-13,",
              before,
              WorkHosts.of(SPEC, task, hosts),
              refusal,
              isCurrent,
              obstacle,
              alerts,
              rival,
              now));
    }

    End end(Instant now) {
      return (End) at(now);
    }
  }

  private static Host host(String ready, String permits) {
    return YAML.unmarshal(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: Host
        metadata: {name: ethbig, namespace: ops}
        spec:
          address: ethbig
          user: ops
          identity: {secretName: key}
          hostKeys: [ssh-ed25519 AAAA]
          permits: [%s]
        status:
          conditions:
          - {type: Ready, status: "%s", reason: R, message: it does not answer, lastTransitionTime: t}
        """
            .formatted(permits, ready),
        Host.class);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-25T02:00:00Z, Start",
    "2026-11-25T03:29:59Z, Start",
    "2026-11-25T03:30:00Z, CutOff",
    "2026-11-25T04:00:00Z, Missed",
    "2026-11-28T00:00:00Z, Missed",
    "2026-12-21T00:00:00Z, Frozen"
  })
  void whenItIsCanBeTooLate(Instant now, String expected) {
    assertThat(
            new Asked().at(now) instanceof End(Outcome outcome, String _)
                ? outcome.name()
                : "Start")
        .isEqualTo(expected);
  }

  @Test
  void aJobOfBeforeAnEditWaitsForOneThatCantBeMadeAndEnds() {
    var asked = new Asked();
    asked.obstacle = Optional.of("the API server refuses what starts update");
    asked.isCurrent = false;
    assertThat(asked.at(DUE))
        .isEqualTo(
            new RunPlan.Wait(
                "waits until 2026-11-25T03:30:00Z: the API server refuses what starts update"));
    asked.slot = Optional.empty();
    assertThat(asked.end(DUE.plusSeconds(7200)).outcome()).isEqualTo(Outcome.Blocked);
  }

  @Test
  void aFreezeHoldsWhatAPersonStartsAndSaysHow() {
    var asked = new Asked();
    asked.slot = Optional.empty();
    assertThat(asked.end(Instant.parse("2026-12-21T00:00:00Z")))
        .isEqualTo(
            new End(
                Outcome.Frozen,
                "nothing starts until 2027-01-03T00:00:00Z: year end; what a person starts is held,"
                    + " too: end the freeze in spec.freezes first"));
  }

  @Test
  void whatAPersonStartsHasNoWindow() {
    var asked = new Asked();
    asked.slot = Optional.empty();
    assertThat(asked.at(DUE.plusSeconds(86_400))).isInstanceOf(RunPlan.Start.class);
  }

  @Test
  void aSuspendedTaskIsSkippedByItsScheduleAndBlockedForAPerson() {
    var asked = new Asked();
    asked.suspended = Optional.of("the task");
    assertThat(asked.end(DUE).outcome()).isEqualTo(Outcome.Skipped);
    asked.slot = Optional.empty();
    assertThat(asked.end(DUE).outcome()).isEqualTo(Outcome.Blocked);
  }

  @Test
  void anotherDayOfTheCronJobIsNotDue() {
    var asked = new Asked();
    asked.slot = Optional.of(DUE.plusSeconds(86_400));
    assertThat(asked.at(DUE.plusSeconds(86_400))).isInstanceOf(RunPlan.NotDue.class);
  }

  @Test
  void approvalIsOfADayAndTheMessageSaysHowToGiveIt() {
    var asked = new Asked();
    asked.task = SPEC.tasks().get(1);
    Instant due = Instant.parse("2026-12-12T06:00:00Z");
    asked.slot = Optional.of(due);
    assertThat(asked.end(due))
        .isEqualTo(
            new End(
                Outcome.Blocked,
                "nobody has approved it; to approve its runs of 2026-12-12 and run it now: kubectl"
                    + " annotate --overwrite -n ops ms/main drydock.dev/approve=late@2026-12-13,upgrade@2026-12-12"
                    + " drydock.dev/run=upgrade@2026-12-12"));
    asked.approved = List.of(LocalDate.parse("2026-11-14"));
    assertThat(asked.end(due).outcome()).isEqualTo(Outcome.Blocked);
    asked.approved = List.of(LocalDate.parse("2026-12-12"));
    assertThat(asked.at(due)).isInstanceOf(RunPlan.Start.class);
  }

  @Test
  void anApprovalCoversWhatAPersonStartsOnItsOwnDateAlone() {
    var asked = new Asked();
    asked.task = SPEC.tasks().get(1);
    asked.slot = Optional.empty();
    asked.approved = List.of(LocalDate.parse("2026-12-12"));
    asked.created = Instant.parse("2026-12-11T23:59:58Z");
    assertThat(asked.end(asked.created))
        .as("it would run again on the 12th")
        .isEqualTo(
            new End(
                Outcome.Blocked,
                "nobody has approved it; to approve its runs of 2026-12-11 and run it now: kubectl"
                    + " annotate --overwrite -n ops ms/main"
                    + " drydock.dev/approve=late@2026-12-13,upgrade@2026-12-11"
                    + " drydock.dev/run=upgrade@2026-12-11"));
    asked.approved = List.of(LocalDate.parse("2026-12-11"));
    assertThat(asked.at(asked.created.plusSeconds(3)))
        .as("asked for on the 11th, at midnight")
        .isInstanceOf(RunPlan.Start.class);
    asked.created = Instant.parse("2026-12-12T00:00:01Z");
    assertThat(asked.end(asked.created).outcome()).isEqualTo(Outcome.Blocked);
  }

  @Test
  void itWaitsForTheTaskBeforeItAndDoesNotStartAfterAFailure() {
    var asked = new Asked();
    asked.before = List.of(new Before.Open("vacuum"));
    assertThat(asked.at(DUE))
        .isEqualTo(
            new RunPlan.Wait(
                "waits until 2026-11-25T03:30:00Z: it comes after vacuum, which has not ended yet"));
    assertThat(asked.end(DUE.plusSeconds(7200)).outcome()).isEqualTo(Outcome.Missed);
    asked.before = List.of(new Before.Bad("vacuum", Outcome.Failed));
    assertThat(asked.end(DUE).outcome()).isEqualTo(Outcome.Blocked);
    assertThat(asked.end(DUE).message()).contains("vacuum, whose run ended as Failed");
  }

  @Test
  void hostsThatCantBeUsedBlockIt() {
    var asked = new Asked();
    asked.hosts = Map.of();
    assertThat(asked.end(DUE))
        .isEqualTo(
            new End(Outcome.Blocked, "there is no Host ethbig in this namespace: create it"));
    asked.hosts = Map.of("ethbig", host("True", "Check, Update"));
    assertThat(asked.end(DUE).message())
        .isEqualTo("the Host ethbig does not permit Reboot: add it to its spec.permits");
    asked.hosts = Map.of("ethbig", host("False", "Update, Reboot"));
    assertThat(asked.at(DUE))
        .isEqualTo(
            new RunPlan.Wait(
                "waits until 2026-11-25T03:30:00Z: the Host ethbig is not Ready: it does not"
                    + " answer"));
    assertThat(asked.end(DUE.plusSeconds(5400)).outcome()).isEqualTo(Outcome.Blocked);
  }

  @Test
  void aCriticalAlertHoldsItUntilItsTimeIsOver() {
    var asked = new Asked();
    asked.alerts = List.of("ethbig: root-disk");
    assertThat(asked.at(DUE)).isInstanceOf(RunPlan.Wait.class);
    assertThat(asked.end(DUE.plusSeconds(5400)).outcome()).isEqualTo(Outcome.Blocked);
    assertThat(asked.end(DUE.plusSeconds(5400)).message()).contains("ethbig: root-disk");
  }

  @Test
  void twoOnOneHostTakeTurns() {
    var asked = new Asked();
    asked.rival = Optional.of("maintenance ops/other/vacuum");
    assertThat(asked.at(DUE)).isInstanceOf(RunPlan.Wait.class);
    assertThat(asked.end(DUE.plusSeconds(5400)).outcome()).isEqualTo(Outcome.CutOff);
    assertThat(asked.end(DUE.plusSeconds(5400)).message())
        .contains("maintenance ops/other/vacuum is at work on its host");
  }

  @Test
  void whatHasNothingToDoIsBlocked() {
    var asked = new Asked();
    asked.refusal = Optional.of("there is no HostHealthPolicy fleet in this namespace");
    assertThat(asked.at(DUE))
        .isEqualTo(
            new End(Outcome.Blocked, "there is no HostHealthPolicy fleet in this namespace"));
  }

  @Test
  void aJobThatAPersonSuspendsAmidItsWorkRests() {
    var asked = new Asked();
    asked.begun = true;
    asked.slot = Optional.of(DUE.plusSeconds(60));
    asked.suspended = Optional.of("the schedule");
    for (Instant now : List.of(DUE, DUE.plusSeconds(5400), Instant.parse("2026-12-21T00:00:00Z"))) {
      assertThat(asked.at(now))
          .isEqualTo(
              new RunPlan.Wait(
                  "its Job was suspended amid its work; to have it go on before its"
                      + " activeDeadlineSeconds are over: kubectl patch -n ops job/main-garden-1"
                      + " --type merge -p '{\"spec\":{\"suspend\":false}}'; to end it: kubectl delete"
                      + " -n ops job/main-garden-1"));
    }
    asked.task =
        Schedules.of(
                """
                hosts: {names: [ethbig]}
                tasks: [{name: garden, schedule: "0 2 * * *", command: {run: "true"}}]
                """)
            .tasks()
            .getFirst();
    assertThat(asked.at(DUE))
        .as("it is not begun twice")
        .isEqualTo(
            new RunPlan.Wait(
                "its Job was suspended amid its work; to end it: kubectl delete -n ops"
                    + " job/main-garden-1"));
  }

  @Test
  void whatTheApiServerDidNotLetStartIsTriedAgainAndThenSaysWhy() {
    var asked = new Asked();
    asked.obstacle = Optional.of("the API server lets no Job of garden start: no");
    assertThat(asked.at(DUE)).isEqualTo(new RunPlan.Start());
    assertThat(asked.end(DUE.plusSeconds(5400)))
        .isEqualTo(
            new End(
                Outcome.Blocked,
                "it waited until 2026-11-25T03:30:00Z: the API server lets no Job of garden start:"
                    + " no"));
    asked.isCurrent = false;
    assertThat(asked.at(DUE)).isInstanceOf(RunPlan.Wait.class);
    var byHand = new Asked();
    byHand.slot = Optional.empty();
    byHand.obstacle = asked.obstacle;
    assertThat(byHand.at(DUE)).isEqualTo(new RunPlan.Start());
    assertThat(byHand.end(DUE.plusSeconds(5400)).outcome())
        .as("it does not start days later")
        .isEqualTo(Outcome.Blocked);
  }
}
