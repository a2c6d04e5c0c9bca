package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MasksTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "connecting to postgres://milo:hunter2@db/milo | connecting to postgres://…@db/milo",
        "API_KEY=hunter2 started | API_KEY=… started",
        "env AWS_SECRET_ACCESS_KEY='hunter 2' x | env AWS_SECRET_ACCESS_KEY=… x",
        "\"password\": \"hunter2\", \"user\": \"a\" | \"password\": …, \"user\": \"a\"",
        "node app.js --rpc-token hunter2 --port 1 | node app.js --rpc-token … --port 1",
        "node app.js --token=hunter2 --port 1 | node app.js --token=… --port 1",
        "Authorization: Bearer aGh1bnRlcjI= | Authorization: Bearer …",
        "https://example.com/a?access_token=hunter2&b=1 | https://example.com/a?access_token=…&b=1",
        "the key is under the mat | the key is under the mat",
        "3 tokens left, secret of success | 3 tokens left, secret of success",
        "http://localhost:8080/health | http://localhost:8080/health",
      })
  void takesOutWhatLooksLikeACredential(String text, String masked) {
    assertThat(Masks.mask(text)).isEqualTo(masked);
  }

  @Test
  void takesOutPrivateKeys() {
    assertThat(
            Masks.mask(
                "a\n-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\nhunter2\n-----END OPENSSH PRIVATE"
                    + " KEY-----\nb"))
        .doesNotContain("hunter2")
        .startsWith("a\n")
        .endsWith("\nb");
  }

  @Test
  void isDoneSoonWithAnything() {
    var random = new Random(1);
    String letters = "aK_=: /@\"'.-\nTOKEN";
    Assertions.assertTimeout(
        Duration.ofSeconds(5),
        () -> {
          for (int round = 0; round < 50; round++) {
            var text = new StringBuilder();
            String few = letters.substring(0, 1 + random.nextInt(letters.length()));
            for (int i = 0; i < 20_000; i++) {
              text.append(few.charAt(random.nextInt(few.length())));
            }
            assertThat(Masks.mask(text.toString())).isNotNull();
          }
        });
  }
}
