import com.liferay.portal.kernel.util.TextFormatter;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Prints the plural that Liferay makes of each line of standard input. */
public class Plurals {

	public static void main(String[] arguments) throws Exception {
		BufferedReader words = new BufferedReader(
			new InputStreamReader(System.in, StandardCharsets.UTF_8));

		for (String word = words.readLine(); word != null;
			 word = words.readLine()) {

			System.out.println(TextFormatter.formatPlural(word));
		}
	}

}
