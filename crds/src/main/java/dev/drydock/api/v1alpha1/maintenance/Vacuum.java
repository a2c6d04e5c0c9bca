package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** VACUUM of a PostgreSQL database. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Vacuum(
    @Required @JsonPropertyDescription("The database.") Database postgresql,
    @Default("true")
        @JsonPropertyDescription("True: the planner's statistics are renewed, too. Default true.")
        @Nullable Boolean analyze,
    @Default("5s")
        @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "How long to wait for a lock on a table; then the table is left out, and who holds the"
                + " lock is reported. Default 5s.")
        @Nullable String lockTimeout,
    @Default("20")
        @Min(0)
        @Max(1000)
        @JsonPropertyDescription(
            "How many of the largest tables are reported with their size. Default 20.")
        @Nullable Integer reportTables) {

  /** Where a PostgreSQL database is. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Database(
      @Required
          @Size(min = 1, max = 253)
          @Pattern("^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$")
          @JsonPropertyDescription(
              "Secret with the keys host, port, dbname, username and password, or uri.")
          String secretName,
      @JsonPropertyDescription(
              "True: reached through the host's SSH server, for a database that listens on"
                  + " localhost only. Default false.")
          @Nullable Boolean viaHost) {}
}
