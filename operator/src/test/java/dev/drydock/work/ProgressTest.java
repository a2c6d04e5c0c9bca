package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.kernel.Admission.Refusal;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.work.HostWork.Done;
import dev.drydock.work.Progress.Turn;
import dev.drydock.work.WorkAssignment.Target;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final Refusal LATE = new Refusal(Outcome.Missed, "it could not start in time");

  private static Target target(String name) {
    return new Target(
        name, new Reach(name, "192.0.2.1", 22, "u", "key", List.of(), null), 1000, List.of(), true);
  }

  private static Progress late(int maxFailures, int parallel, boolean isTakenUp) {
    return new Progress(
        Stream.of("a", "b", "c", "d", "e").map(ProgressTest::target).toList(),
        maxFailures,
        parallel,
        isTakenUp,
        Optional.of(LATE));
  }

  private static String next(Progress progress) {
    return progress
        .next(Optional.empty())
        .map(turn -> turn.target().name() + (turn.mayBegin() ? "" : "?"))
        .orElse("none");
  }

  @Test
  void looksOnlyAsFarAsAnEarlierPodCanHaveCome() {
    Progress progress = late(1, 2, true);
    for (String name : List.of("a", "b", "c")) {
      assertThat(next(progress)).isEqualTo(name + "?");
      progress.untouched();
      progress.leave(target(name));
    }
    assertThat(next(progress)).isEqualTo("none");
    assertThat(progress.result(NOON))
        .isEqualTo(new WorkResult(NOON, Outcome.Missed, LATE.message(), List.of(), true));
    assertThat(next(late(1, 2, false))).as("of other work there is one pod").isEqualTo("none");
  }

  @Test
  void aHostThatIsAwayIsLostOnceAnEarlierPodIsKnown() {
    var progress =
        new Progress(
            Stream.of("a", "b", "c").map(ProgressTest::target).toList(),
            1,
            1,
            true,
            Optional.empty());
    assertThat(next(progress)).isEqualTo("a");
    progress.away(target("a"));
    progress.done(target("a"), new Done(Outcome.Failed, "no route to host"));
    assertThat(progress.against())
        .hasValueSatisfying(why -> assertThat(why).startsWith("a does not answer"));
    assertThat(next(progress)).isEqualTo("b");
    progress.takenUp();
    progress.done(target("b"), new Done(Outcome.Succeeded, "all is well"));
    assertThat(progress.result(NOON).hosts().getFirst().lost()).isTrue();
    assertThat(progress.against())
        .contains("a did not come back after its reboot, see to that first");
    assertThat(next(progress)).isEqualTo("c?");
  }

  @Test
  void noEarlierPodHasRebootedAHostThatNoneCanHaveComeTo() {
    var progress =
        new Progress(
            Stream.of("a", "b").map(ProgressTest::target).toList(), 1, 0, true, Optional.empty());
    assertThat(next(progress)).isEqualTo("a");
    progress.untouched();
    progress.done(target("a"), new Done(Outcome.Succeeded, "all is well"));
    assertThat(next(progress)).isEqualTo("b");
    progress.away(target("b"));
    progress.takenUp();
    progress.done(target("b"), new Done(Outcome.Failed, "no route to host"));
    assertThat(progress.against()).isEmpty();
  }

  @Test
  void looksPastAHostThatCantBeAskedButNotPastMany() {
    Progress progress = late(0, 1, true);
    assertThat(next(progress)).isEqualTo("a?");
    progress.untold();
    progress.done(target("a"), new Done(Outcome.Failed, "no route to host"));
    assertThat(next(progress)).isEqualTo("b?");
    progress.untold();
    progress.done(target("b"), new Done(Outcome.Failed, "no route to host"));
    assertThat(next(progress)).isEqualTo("none");
    assertThat(progress.result(NOON).message())
        .isEqualTo(
            "failed: a, b (no route to host); it could not start in time; not begun: c, d, e; the"
                + " next run goes on there");
  }

  @Test
  void goesOnWithARunThatAnEarlierPodHasBegun() {
    Progress progress = late(0, 2, true);
    assertThat(next(progress)).isEqualTo("a?");
    assertThat(next(progress)).isEqualTo("b?");
    progress.untouched();
    progress.leave(target("a"));
    progress.takenUp();
    progress.done(target("b"), new Done(Outcome.Succeeded, "all is well"));
    assertThat(List.of(next(progress), next(progress))).containsExactly("a", "c");
    Optional<Turn> refused = progress.next(Optional.of(LATE));
    assertThat(refused).hasValueSatisfying(turn -> assertThat(turn.mayBegin()).isFalse());
  }
}
