package dev.drydock.api.v1alpha1.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is saved. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "[has(self.sqlite), has(self.files), has(self.postgresql), has(self.volume),"
            + " has(self.command)].filter(x, x).size() == 1",
    message =
        "a backup has exactly one source; set one of sqlite, files, postgresql, volume,"
            + " command")
public record Source(
    @JsonPropertyDescription(
            "A SQLite database on a host: a consistent copy, never the live file. The Host must"
                + " permit Backup.")
        @Nullable Sqlite sqlite,
    @JsonPropertyDescription("Files on a host. The Host must permit Backup.") @Nullable Files files,
    @JsonPropertyDescription("A dump of a PostgreSQL database.") @Nullable Postgresql postgresql,
    @JsonPropertyDescription("A PersistentVolumeClaim in the same namespace.")
        @Nullable Volume volume,
    @JsonPropertyDescription(
            "What a command on a host writes to its standard output. The Host must permit Command.")
        @Nullable Command command) {

  /** A SQLite database. */
  public record Sqlite(
      @Required
          @Size(min = 1, max = 63)
          @Pattern(Formats.NAME)
          @JsonPropertyDescription("Name of a Host in the same namespace.")
          String host,
      @Required
          @Size(max = 1024)
          @Pattern(Formats.ABSOLUTE_PATH)
          @ValidationRule(
              value = "!self.endsWith('/')",
              message = "path names a directory: name the database's file")
          @JsonPropertyDescription("The database's file.")
          String path) {}

  /** Files on a host. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "has(self.root) || self.paths.all(p, p.startsWith('/'))",
      message = "paths that don't begin with / need a root: set root, or write them out")
  @ValidationRule(
      value = "!has(self.root) || self.paths.all(p, !p.startsWith('/'))",
      message = "with root, paths are relative to it: take the / at their beginning away")
  public record Files(
      @Required
          @Size(min = 1, max = 63)
          @Pattern(Formats.NAME)
          @JsonPropertyDescription("Name of a Host in the same namespace.")
          String host,
      @Required
          @Size(min = 1, max = 50)
          @JsonPropertyDescription(
              "Files and directories: relative to root where that is set, else from /.")
          List<@Size(min = 1, max = 1024) @Pattern(Formats.PATH) String> paths,
      @Size(max = 1024)
          @Pattern(Formats.ABSOLUTE_PATH)
          @JsonPropertyDescription("The directory that paths are relative to.")
          @Nullable String root,
      @Size(min = 1, max = 50)
          @JsonPropertyDescription("What is left out, as patterns that restic's --exclude takes.")
          List<@Size(min = 1, max = 1024) @Pattern(Formats.ONE_LINE) String> exclude,
      @Default("never")
          @JsonPropertyDescription(
              "always: files within a git work tree are not saved, the backup fails and says so: for"
                  + " keys, which must never get into git. unlessIgnored: only if git does not"
                  + " ignore them. never: it does not matter. Default never.")
          @Nullable GitWorkTree refuseInsideGitWorkTree) {

    public Files {
      paths = paths == null ? List.of() : List.copyOf(paths);
      exclude = exclude == null ? List.of() : List.copyOf(exclude);
    }
  }

  /** What a git work tree around the files means. */
  public enum GitWorkTree {
    @JsonProperty("always")
    ALWAYS,
    @JsonProperty("unlessIgnored")
    UNLESS_IGNORED,
    @JsonProperty("never")
    NEVER
  }

  /** A PostgreSQL database. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Postgresql(
      @Required
          @Size(min = 1, max = 253)
          @Pattern(Formats.OBJECT_NAME)
          @JsonPropertyDescription(
              "Secret with the keys host, port, dbname, username and password, or uri.")
          String secretName,
      @Size(min = 1, max = 63)
          @Pattern(Formats.NAME)
          @JsonPropertyDescription(
              "Name of a Host through whose SSH server the database is reached, for one that"
                  + " listens on localhost only.")
          @Nullable String viaHost) {}

  /** A volume of the cluster. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Volume(
      @Required
          @Size(min = 1, max = 253)
          @Pattern(Formats.OBJECT_NAME)
          @JsonPropertyDescription("Name of a PersistentVolumeClaim in the same namespace.")
          String claimName,
      @Size(min = 1, max = 1024)
          @Pattern(Formats.RELATIVE_PATH)
          @JsonPropertyDescription("A path within the volume. Default: all of it.")
          @Nullable String path) {}

  /** What a command writes. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Command(
      @Required
          @Size(min = 1, max = 63)
          @Pattern(Formats.NAME)
          @JsonPropertyDescription("Name of a Host in the same namespace.")
          String host,
      @Required
          @Size(min = 1, max = 4096)
          @Pattern(Formats.NOT_BLANK)
          @JsonPropertyDescription(
              "A command line, read by /bin/sh on the host; an exit status other than 0 fails the"
                  + " backup.")
          String run,
      @Default("stdout")
          @Size(min = 1, max = 255)
          @Pattern(Formats.FILE_NAME)
          @JsonPropertyDescription("Name of the file in the backup. Default stdout.")
          @Nullable String fileName) {}
}
