package dev.drydock.e2e;

import java.time.Duration;

class LiveHealthStories extends HealthStories {
  @Override
  String pace() {
    return "interval: 5s";
  }

  @Override
  Duration slowest() {
    return Duration.ofSeconds(15);
  }

  @Override
  void look(String policy) {}
}
