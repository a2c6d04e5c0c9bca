package dev.drydock.api.v1alpha1.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Proof that a backup can be restored. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RestoreDrill(
    @Required
        @Size(max = 100)
        @Pattern(Formats.CRON)
        @ValidationRule(value = Formats.CRON_FIRES, message = Formats.CRON_FIRES_MESSAGE)
        @ValidationRule(value = Formats.CRON_RANGES, message = Formats.CRON_RANGES_MESSAGE)
        @JsonPropertyDescription("When, as five cron fields.")
        String schedule,
    @JsonPropertyDescription(
            "What must be so of what was restored. Default: that it can be restored.")
        @Nullable DrillVerify verify) {

  /** Demands on what was restored. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "[has(self.sqlite), has(self.postgresql), has(self.files)].filter(x, x).size() == 1",
      message = "verify what the source is; set exactly one of sqlite, postgresql, files")
  public record DrillVerify(
      @JsonPropertyDescription("Demands on a SQLite database.") @Nullable VerifySqlite sqlite,
      @JsonPropertyDescription(
              "Demands on a PostgreSQL database, restored into a server of the pod's own.")
          @Nullable VerifyPostgresql postgresql,
      @JsonPropertyDescription("Demands on files.") @Nullable VerifyFiles files) {}

  /** Demands on a SQLite database. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "(has(self.integrity) && self.integrity) || has(self.atLeastOneRowIn)",
      message = "set integrity to true, atLeastOneRowIn, or both")
  public record VerifySqlite(
      @JsonPropertyDescription("True: PRAGMA integrity_check must be ok.")
          @Nullable Boolean integrity,
      @Size(min = 1, max = 50) @JsonPropertyDescription("Tables that must not be empty.")
          List<@Size(min = 1, max = 128) @Pattern(Formats.TABLE) String> atLeastOneRowIn) {

    public VerifySqlite {
      atLeastOneRowIn = atLeastOneRowIn == null ? List.of() : List.copyOf(atLeastOneRowIn);
    }
  }

  /** Demands on a PostgreSQL database. */
  public record VerifyPostgresql(
      @Required
          @Size(min = 1, max = 20)
          @JsonPropertyDescription("Queries and the least number that each must give.")
          List<DrillQuery> queries) {

    public VerifyPostgresql {
      queries = queries == null ? List.of() : List.copyOf(queries);
    }
  }

  /** A query and what it must give. */
  public record DrillQuery(
      @Required
          @Size(min = 1, max = 1024)
          @Pattern(Formats.NOT_BLANK)
          @JsonPropertyDescription("A query that gives one number.")
          String sql,
      @Required @Min(0) @JsonPropertyDescription("A smaller number than this fails the drill.")
          Long atLeast) {}

  /** Demands on files. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "has(self.paths) || has(self.atLeast)",
      message = "set paths, atLeast, or both")
  public record VerifyFiles(
      @Size(min = 1, max = 50)
          @JsonPropertyDescription("Files that must be there, as in source.files.paths.")
          List<@Size(min = 1, max = 1024) @Pattern(Formats.PATH) String> paths,
      @Min(1)
          @Max(1000000000)
          @JsonPropertyDescription("So many files that are not empty must be there.")
          @Nullable Integer atLeast) {

    public VerifyFiles {
      paths = paths == null ? List.of() : List.copyOf(paths);
    }
  }
}
