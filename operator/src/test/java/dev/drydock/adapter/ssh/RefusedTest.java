package dev.drydock.adapter.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.adapter.ssh.HostConnection.Refused;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostAccess.Identity;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.HostShell.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RefusedTest {
  @Test
  void pausesGrowOverRefusalsWhateverElseGoesWrongBetweenThem() {
    @Nullable Refused refused = after(null, "key", Failure.UNREACHABLE);
    assertThat(refused).isNull();
    for (int seconds : new int[] {15, 30, 60, 120, 240, 480, 900, 900}) {
      refused = after(refused, "key", Failure.AUTHENTICATION_FAILED);
      assertThat(Objects.requireNonNull(refused).pause()).isEqualTo(Duration.ofSeconds(seconds));
      assertThat(refused.againNanos()).isEqualTo(Duration.ofSeconds(seconds).toNanos() + 7);
      for (Failure other : List.of(Failure.UNREACHABLE, Failure.TIMED_OUT)) {
        assertThat(after(refused, "key", other)).isSameAs(refused);
      }
    }
    assertThat(Objects.requireNonNull(after(refused, "new", Failure.AUTHENTICATION_FAILED)).pause())
        .as("another key")
        .isEqualTo(Duration.ofSeconds(15));
  }

  private static @Nullable Refused after(@Nullable Refused before, String key, Failure failure) {
    var access =
        new HostAccess(
            "ns/a", "192.0.2.1", 22, "drydock", new Identity(key, null, null), List.of(), null);
    return Refused.after(before, access, new Failed(failure, "no"), 7);
  }
}
