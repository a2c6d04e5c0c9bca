package dev.drydock.hosthealth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.kube.Coverage;
import dev.drydock.kube.Coverage.LeftAlone;
import dev.drydock.kube.Coverage.OutOfReach;
import dev.drydock.kube.Coverage.Watched;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CoverageTest {
  private static final Host BIG = Fixtures.host("big", "{role: eth}", "permits: [Check, Restart]");
  private static final Host SMALL = Fixtures.host("small", "{role: edge}", "permits: [Check]");
  private static final Host OFF =
      Fixtures.host("off", "{role: eth}", "permits: [Check]\n  suspend: true");
  private static final Host SHY = Fixtures.host("shy", "{role: eth}", "permits: [Backup]");
  private static final List<Host> ALL = List.of(SMALL, SHY, OFF, BIG);

  @Test
  void coversByNameAndSaysWhichNameIsNobodys() {
    assertThat(Coverage.of(Fixtures.names("small", "nobody", "big"), ALL))
        .containsExactly(
            Map.entry("big", new Watched(BIG)),
            Map.entry(
                "nobody", new OutOfReach("there is no Host nobody in this namespace: create it")),
            Map.entry("small", new Watched(SMALL)))
        .hasSize(3);
  }

  @Test
  void coversByLabelAndLeavesAloneWhoDoesNotWant() {
    assertThat(Coverage.of(Fixtures.selector("{matchLabels: {role: eth}}"), ALL))
        .containsExactly(
            Map.entry("big", new Watched(BIG)),
            Map.entry("off", new LeftAlone("the Host is suspended")),
            Map.entry(
                "shy",
                new OutOfReach("the Host does not permit Check: add it to its spec.permits")));
  }

  @Test
  void coversNobodyWhereNoLabelFits() {
    assertThat(Coverage.of(Fixtures.selector("{matchLabels: {role: none}}"), ALL)).isEmpty();
  }
}
