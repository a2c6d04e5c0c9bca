package dev.drydock.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "5Gi, 5368709120",
    "500M, 500000000",
    "1.5Ki, 1536",
    "0.1Ki, 103",
    "3k, 3000",
    "2T, 2000000000000",
    "1Pi, 1125899906842624"
  })
  void readsQuantities(String quantity, long bytes) {
    assertThat(Sizes.parse(quantity)).isEqualTo(bytes);
  }

  @Test
  void agreesWithKubernetesOwnQuantities() {
    var random = new Random(4);
    List<String> units = List.of("", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti");
    for (int i = 0; i < 2000; i++) {
      String text = random.nextInt(9000) + units.get(random.nextInt(units.size()));
      assertThat(Sizes.parse(text))
          .as(text)
          .isEqualTo(Quantity.getAmountInBytes(new Quantity(text)).longValueExact());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Gi", "5gi", "5ki", "-1Gi", "1 Gi", "1e3", "5GiB", "1.", ".5Gi", "5E"})
  void refusesOtherForms(String text) {
    assertThatThrownBy(() -> Sizes.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a size such as 5Gi: " + text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1023, 1023",
    "1024, 1Ki",
    "1536, 1.5Ki",
    "10188, 9.9Ki",
    "10240, 10Ki",
    "1048575, 1Mi",
    "4080218931, 3.8Gi",
    "66571993088, 62Gi",
    "3006477107200, 2.7Ti"
  })
  void showsPeopleThreeDigitsAtMost(long bytes, String expected) {
    assertThat(Sizes.text(bytes)).isEqualTo(expected);
  }
}
