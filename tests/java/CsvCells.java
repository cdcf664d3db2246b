import com.liferay.portal.kernel.util.CSVUtil;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * Prints, for each text on a line of standard input, what Liferay's export makes of it
 * before it is quoted as a cell, and what its import makes of it once it is unquoted.
 * All texts are written in ASCII, other characters as four hexadecimal digits after a
 * backslash and "u".
 */
public class CsvCells {

	public static void main(String[] arguments) throws Exception {
		BufferedReader lines = new BufferedReader(
			new InputStreamReader(System.in, StandardCharsets.US_ASCII));

		for (String line = lines.readLine(); line != null;
			 line = lines.readLine()) {

			String cell = unescape(line);

			System.out.println(escape(CSVUtil.encode(cell)) + decode(cell));
		}
	}

	/** Returns nothing where the import would fail. */
	private static String decode(String cell) {
		try {
			return "\t" + escape(CSVUtil.decode("\"", ",", cell));
		}
		catch (StringIndexOutOfBoundsException exception) {
			return "";
		}
	}

	private static String escape(String text) {
		StringBuilder escaped = new StringBuilder();

		for (char character : text.toCharArray()) {
			if ((character < 32) || (character > 126) || (character == '\\')) {
				escaped.append(String.format("\\u%04x", (int)character));
			}
			else {
				escaped.append(character);
			}
		}

		return escaped.toString();
	}

	private static String unescape(String line) {
		StringBuilder text = new StringBuilder();

		for (int i = 0; i < line.length(); i++) {
			if (line.charAt(i) == '\\') {
				text.append((char)Integer.parseInt(line.substring(i + 2, i + 6), 16));

				i += 5;
			}
			else {
				text.append(line.charAt(i));
			}
		}

		return text.toString();
	}

}
