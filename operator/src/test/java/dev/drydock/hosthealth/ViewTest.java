package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.kube.Coverage;
import dev.drydock.kube.Coverage.Covered;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ViewTest {
  private static final Map<String, Covered> COVERED =
      Map.of(
          "a", new Coverage.Watched(Fixtures.host("a", "{}", "")),
          "off", new Coverage.LeftAlone("the Host is suspended"),
          "gone", new Coverage.OutOfReach("there is no Host gone"));

  @Test
  void noHostLooksFineThatNobodyCanLookAt() {
    assertThat(View.outOfSight(COVERED, false, "split it", NOON))
        .containsOnly(
            Map.entry("a", new Sighting.Unseen("split it", NOON)),
            Map.entry("off", new Sighting.NotLookedAt("the Host is suspended")),
            Map.entry("gone", new Sighting.Unseen("there is no Host gone", NOON)));
    assertThat(View.outOfSight(COVERED, true, "split it", NOON))
        .containsEntry("a", new Sighting.NotLookedAt("the policy is suspended"));
  }
}
