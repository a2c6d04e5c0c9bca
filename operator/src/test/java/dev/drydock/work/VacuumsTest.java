package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.port.Database.LeftOut;
import dev.drydock.port.Database.Vacuumed;
import dev.drydock.port.Database.VacuumedTable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VacuumsTest {
  @Test
  void namesWhatWasLeftOutAndWhyInBounds() {
    assertThat(message(1)).endsWith("; t1 left out: held by 1");
    assertThat(message(4)).endsWith("; t3 left out: held by 3; also left out, see the log: t4");
    assertThat(message(10))
        .contains("t1 left out: held by 1; t2 left out: held by 2; t3 left out: held by 3; also")
        .endsWith("also left out, see the log: t4, t5, t6, t7, t8 and 2 more");
  }

  private static String message(int leftOut) {
    HostWork.Done done =
        Vacuums.done(
            new Vacuumed(
                "offchain",
                1024,
                1024,
                List.of(new VacuumedTable("t0", 1, 1, 1, 0, Duration.ofSeconds(1))),
                IntStream.rangeClosed(1, leftOut)
                    .mapToObj(i -> new LeftOut("t" + i, "held by " + i))
                    .toList(),
                List.of(),
                Duration.ofSeconds(2),
                Optional.empty()));
    assertThat(done.outcome()).isEqualTo(Outcome.Succeeded);
    return done.message();
  }
}
