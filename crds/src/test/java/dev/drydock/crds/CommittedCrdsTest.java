package dev.drydock.crds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The YAML in crds/ is what the types say. */
class CommittedCrdsTest {
  private static final Path COMMITTED = Path.of("").toAbsolutePath();

  @Test
  void crdsAreCurrent(@TempDir Path made) throws IOException {
    Generate.into(made);
    if (Boolean.getBoolean("crds.write")) {
      for (Path crd : yaml(made)) {
        Files.copy(crd, COMMITTED.resolve(crd.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    assertThat(yaml(COMMITTED).stream().map(Path::getFileName))
        .as("run ./mvnw -pl crds test -Dcrds.write=true")
        .isEqualTo(yaml(made).stream().map(Path::getFileName).toList());
    for (Path crd : yaml(made)) {
      assertThat(COMMITTED.resolve(crd.getFileName()))
          .as("run ./mvnw -pl crds test -Dcrds.write=true")
          .hasSameTextualContentAs(crd);
    }
  }

  private static List<Path> yaml(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".drydock.dev.yaml")).sorted().toList();
    }
  }
}
