package dev.drydock.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "90s, PT90S",
    "1h30m, PT90M",
    "30d, P30D",
    "250ms, PT0.25S",
    "1m500ms, PT60.5S",
    "0s, PT0S",
    "1d1h1m1s, PT25H1M1S",
    "999999d, P999999D"
  })
  void readsWhatTheSchemaAdmits(String text, Duration expected) {
    assertThat(Durations.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "5", "s", "-5s", "5 s", "1h ", "1.5h", "1h-5m", "5S", "1y", "h1"})
  void refusesOtherFormsAndNamesThem(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a duration such as 90s or 1h30m: " + text);
  }

  @Test
  void takesTheDefaultWhereNothingIsSet() {
    assertThat(Durations.parse(null, Duration.ofSeconds(7))).isEqualTo(Duration.ofSeconds(7));
    assertThat(Durations.parse("1s", Duration.ofSeconds(7))).isEqualTo(Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT0.4S, 0s",
    "PT59S, 59s",
    "PT10M, 10m",
    "PT61S, 1m1s",
    "PT25H1M, 1d1h",
    "PT24H1M, 1d",
    "P2DT4H9M, 2d4h",
    "PT3H0M5S, 3h"
  })
  void showsPeopleTheTwoLargestUnits(Duration duration, String expected) {
    assertThat(Durations.text(duration)).isEqualTo(expected);
  }
}
